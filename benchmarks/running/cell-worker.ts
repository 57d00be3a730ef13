import type { Value } from '../../engine/engine.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { encodeSafetensors } from '../../lib/safetensors.ts'
import type { CellSpec } from '../cell.ts'
import { serve } from './child.ts'
import { encodeTopology } from './topology-file.ts'

/**
 * A cell to run, the files that keep what it learned (all parameters, and what it says of its places), the folder of
 * episodes that it shares with others, if it does, and the file of its predictions, if they were made elsewhere.
 */
export interface CellJob {
  readonly spec: CellSpec
  readonly weights: string
  readonly topology: string
  readonly episodes?: string
  readonly predictions?: string
}

function weightsFile(parameters: Readonly<Record<string, Value>>): Uint8Array {
  const arrays = Object.entries(parameters).map(([name, value]) => {
    return [name, { shape: value.shape, values: Float32Array.from(value.read()) }]
  })
  return encodeSafetensors(Object.fromEntries(arrays))
}

// Loaded by the job, not by the file: a library that fails to load is then a failed cell with its reason.
serve(async ({ spec, weights, topology, episodes, predictions }: CellJob, onProgress, onNote, memoryLimitMb) => {
  const { runCell } = await import('../run-cell.ts')
  const { noPool, openEpisodePool } = await import('../task/episode-pool.ts')
  return runCell(spec, {
    onProgress,
    predictions,
    memoryLimitMb,
    pool: episodes === undefined ? noPool : openEpisodePool(episodes, onNote),
    onTrained: async (parameters, places) => {
      writeFileAtomic(weights, weightsFile(parameters))
      if (places !== null) writeFileAtomic(topology, encodeTopology(spec, places))
    },
  })
})
