import { oneOf } from '../../../lib/errors.ts'
import { countFlops } from '../flops.ts'
import type { Graph } from '../graph.ts'
import { addWithinProducts } from './biases.ts'
import { repeatLate } from './broadcasts.ts'
import { foldConstants } from './constants.ts'
import { mergeDuplicates } from './duplicates.ts'
import { dropIdentities } from './identities.ts'
import { fuseScales, fuseTransposes } from './matmul.ts'
import { concatenatePads } from './pads.ts'
import { stackWhole } from './stacks.ts'
import { joinSumsOverTime } from './sums-over-time.ts'
import { dropUnused } from './unused.ts'

const apply = {
  unused: dropUnused,
  constants: foldConstants,
  repeats: repeatLate,
  identities: dropIdentities,
  stacks: stackWhole,
  pads: concatenatePads,
  duplicates: mergeDuplicates,
  transposes: fuseTransposes,
  scales: fuseScales,
  time: joinSumsOverTime,
  biases: addWithinProducts,
} satisfies Record<string, (graph: Graph) => Graph>

export type PassId = keyof typeof apply
export const passIds = Object.keys(apply) as PassId[]

/** Passes that keep to ONNX's own operators, in the order in which they run; each leaves values as they are to 1e-6. */
export const simplifications: readonly PassId[] = [
  'unused',
  'constants',
  'repeats',
  'identities',
  'pads',
  'stacks',
  'duplicates',
]

/** Passes that use operators of ONNX Runtime. */
export const fusions: readonly PassId[] = ['unused', 'scales', 'transposes', 'time', 'duplicates', 'biases']

/** What one pass took off a graph, all its runs together. */
export interface Saving {
  readonly pass: PassId
  readonly nodes: number
  readonly flops: number
  readonly milliseconds: number
}

/**
 * Runs passes one after the other, and tells `onRun` what each run took off. Where `unused` is among them, every pass
 * cleans up after itself.
 */
export function optimise(graph: Graph, passes: readonly PassId[], onRun?: (saving: Saving) => void): Graph {
  const cleaned = passes.includes('unused') ? dropUnused : (after: Graph) => after
  return passes.reduce((before, pass) => {
    const started = performance.now()
    const after = cleaned(apply[pass](before))
    onRun?.({
      pass,
      nodes: before.nodes.length - after.nodes.length,
      flops: countFlops(before) - countFlops(after),
      milliseconds: performance.now() - started,
    })
    return after
  }, graph)
}

/** The savings of all runs, pass by pass. */
export function summedSavings(runs: readonly Saving[]): Saving[] {
  return passIds.flatMap(pass => {
    const own = runs.filter(run => run.pass === pass)
    const sum = (of: (run: Saving) => number) => own.reduce((total, run) => total + of(run), 0)
    if (own.length === 0) return []
    return [
      {
        pass,
        nodes: sum(run => run.nodes),
        flops: sum(run => run.flops),
        milliseconds: sum(run => run.milliseconds),
      },
    ]
  })
}

/** Which passes a list names: `all`, `none`, or ids with commas between. @throws UserError for an unknown one. */
export function selectPasses(list: string): PassId[] {
  if (list === 'all') return passIds
  if (list === 'none') return []
  return list.split(',').map(id => oneOf('engine pass', id.trim(), passIds))
}

/** Tells this process and those that it starts which passes to run; an environment variable, because both must hear it. */
const variable = 'SCALESPACE_ENGINE_PASSES'
export const setPasses = (list: string): void => void Object.assign(process.env, { [variable]: list })

/** The passes that this process runs. @throws UserError where the environment names an unknown one. */
export const chosenPasses = (): PassId[] => selectPasses(process.env[variable] ?? 'all')
