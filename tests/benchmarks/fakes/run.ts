import { runSuite } from '../../../benchmarks/running/run-suite.ts'
import { listenForInterruption } from '../../../lib/interruption.ts'
import { fakeCell, fakeRun } from './cells.ts'

// A whole run in a process of its own: `run.ts <folder> <lanes> <fate> …`. Says `started <id>` and `ended <id>`.
const [folder, lanes, ...fates] = process.argv.slice(2)
const interruption = listenForInterruption()
const say = (line: string) => process.stdout.write(`${line}\n`)
await runSuite(
  fakeRun(folder, fates.map(fakeCell), { lanes: Number(lanes) }),
  {
    note: say,
    planned: () => {},
    started: spec => say(`started ${spec.seed}`),
    progressed: spec => say(`running ${spec.seed}`),
    ended: spec => say(`ended ${spec.seed}`),
  },
  interruption.signal,
)
process.exitCode = interruption.exitCode()
