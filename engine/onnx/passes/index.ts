import type { Graph } from '../graph.ts'
import { mergeDuplicates } from './duplicates.ts'
import { dropIdentities } from './identities.ts'
import { fuseMatrixProducts } from './matmul.ts'
import { joinSumsOverTime } from './sums-over-time.ts'
import { dropUnused } from './unused.ts'

/** A pure function from a graph to one with the same values, to 1e-6 relative. */
export type Pass = (graph: Graph) => Graph

/** Passes that keep to ONNX's own operators. */
export const simplifications: readonly Pass[] = [dropUnused, dropIdentities, mergeDuplicates, dropUnused]

/** Passes that use operators of ONNX Runtime. */
export const fusions: readonly Pass[] = [fuseMatrixProducts, joinSumsOverTime, dropUnused, mergeDuplicates]

export const optimise = (graph: Graph, passes: readonly Pass[]): Graph =>
  passes.reduce((current, pass) => pass(current), graph)
