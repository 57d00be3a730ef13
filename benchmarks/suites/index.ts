import { oneOf } from '../../lib/errors.ts'
import { control } from './control.ts'
import { followupsQuick, followupsStandard } from './followups.ts'
import { localityQuick, localityStandard } from './locality.ts'
import { quick } from './quick.ts'
import { rolloutQuick, rolloutStandard } from './rollout.ts'
import { scaleQuick, scaleStandard } from './scale.ts'
import { scrambledQuick, scrambledStandard } from './scrambled.ts'
import { smoke } from './smoke.ts'
import type { Suite } from './suite.ts'
import { isSuiteFile, openSuite } from './user-suite.ts'
import { viewsQuick, viewsStandard } from './views.ts'

/** Every suite of the project. A new one is its file and one line here. */
export const suites: readonly Suite[] = [
  smoke,
  quick,
  control,
  viewsQuick,
  scaleQuick,
  localityQuick,
  rolloutQuick,
  scrambledQuick,
  followupsQuick,
  viewsStandard,
  scaleStandard,
  localityStandard,
  rolloutStandard,
  scrambledStandard,
  followupsStandard,
]

/** A suite of the project by its id, or the one in a file by its path. @throws UserError in one line */
export async function findSuite(name: string): Promise<Suite> {
  if (!isSuiteFile(name)) return suiteById(name)
  return openSuite(
    name,
    suites.map(suite => suite.id),
  )
}

/** @throws UserError that lists the known suites, the nearest spelling first. */
export function suiteById(id: string): Suite {
  const known = oneOf(
    'suite',
    id,
    suites.map(suite => suite.id),
  )
  return suites.find(suite => suite.id === known)!
}
