import { oneOf } from '../../lib/errors.ts'
import { control } from './control.ts'
import { quick } from './quick.ts'
import { smoke } from './smoke.ts'
import type { Suite } from './suite.ts'

/** Every suite of the project. A new one is its file and one line here. */
export const suites: readonly Suite[] = [smoke, quick, control]

/** @throws UserError that lists the known suites, the nearest spelling first. */
export function suiteById(id: string): Suite {
  const known = oneOf(
    'suite',
    id,
    suites.map(suite => suite.id),
  )
  return suites.find(suite => suite.id === known)!
}
