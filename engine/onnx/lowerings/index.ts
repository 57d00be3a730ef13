import { convolutions } from './convolutions.ts'
import { elementwise } from './elementwise.ts'
import { indexing } from './indexing.ts'
import { logic } from './logic.ts'
import type { Lowering } from './lowering.ts'
import { matrixProducts } from './matmul.ts'
import { pooling } from './pooling.ts'
import { reductions } from './reductions.ts'
import { shapes } from './shapes.ts'

/** Every tfjs kernel that can be recorded. To add one, write its lowering in the file of its group. */
export const lowerings: Readonly<Record<string, Lowering>> = {
  ...elementwise,
  ...logic,
  ...reductions,
  ...matrixProducts,
  ...shapes,
  ...indexing,
  ...convolutions,
  ...pooling,
}

/** File that a new lowering belongs into, by the kernel's name. */
export function fileFor(kernel: string): string {
  const groups: readonly (readonly [RegExp, string])[] = [
    [/Conv|Dilation|SpaceToBatch|BatchToSpace/, 'convolutions'],
    [/Pool|Resize/, 'pooling'],
    [/MatMul|Einsum/, 'matmul'],
    [/^(Cum|Arg|TopK|Unsorted|Sum|Mean|Max$|Min$|Prod|Bincount|DenseBincount)/, 'reductions'],
    [/Gather|Scatter|Sparse|OneHot|Unique|Diag/, 'indexing'],
    [/Slice|Pad|Reshape|Tile|Split|Transform|Space|Depth/, 'shapes'],
    [/Logical|Is|Equal|Greater|Less|Select|Where/, 'logic'],
  ]
  const group = groups.find(([pattern]) => pattern.test(kernel))?.[1] ?? 'elementwise'
  return `engine/onnx/lowerings/${group}.ts`
}
