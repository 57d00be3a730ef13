import { oneOf } from '../lib/errors.ts'
import { bouncingBalls } from './bouncing-balls.ts'
import { cavity } from './cavity.ts'
import { charges } from './charges.ts'
import { coupledMaps } from './coupled-maps.ts'
import { elementary } from './elementary.ts'
import type { Environment } from './environment.ts'
import { excitable } from './excitable.ts'
import { fluid } from './fluid.ts'
import { grayScott } from './gray-scott.ts'
import { kuramotoSivashinsky } from './kuramoto-sivashinsky.ts'
import { lenia } from './lenia.ts'
import { life } from './life.ts'
import { shallowWater } from './shallow-water.ts'
import { traffic } from './traffic.ts'
import { waves } from './waves.ts'

/** Every world of the project. A new one is its file and one line here. */
export const environments: readonly Environment[] = [
  bouncingBalls,
  cavity,
  charges,
  coupledMaps,
  elementary,
  excitable,
  fluid,
  grayScott,
  kuramotoSivashinsky,
  lenia,
  life,
  shallowWater,
  traffic,
  waves,
]

/** @throws UserError that lists the known worlds, the nearest spelling first. */
export function environmentById(id: string): Environment {
  const known = oneOf(
    'environment',
    id,
    environments.map(environment => environment.id),
  )
  return environments.find(environment => environment.id === known)!
}
