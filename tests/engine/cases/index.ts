import type { Case } from './case.ts'
import { elementwise } from './elementwise.ts'
import { indexing } from './indexing.ts'
import { logic } from './logic.ts'
import { matrixProducts } from './matmul.ts'
import { reductions } from './reductions.ts'
import { shapes } from './shapes.ts'
import { convolutions, pooling } from './windows.ts'

/** At least one case for every kernel in the table of lowerings. */
export const cases: readonly Case[] = [
  ...elementwise,
  ...logic,
  ...reductions,
  ...shapes,
  ...indexing,
  ...matrixProducts,
  ...convolutions,
  ...pooling,
]
