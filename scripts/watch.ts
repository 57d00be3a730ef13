import { existsSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { findCell } from '../benchmarks/running/find-cell.ts'
import { readWeights } from '../benchmarks/running/ledger.ts'
import { cellLabel } from '../benchmarks/running/monitor.ts'
import { sourcesHash } from '../benchmarks/running/sources.ts'
import { isWorldFile, worldName } from '../envs/find.ts'
import { environments } from '../envs/registry.ts'
import { oneOf, UserError } from '../lib/errors.ts'
import { writeFileAtomic } from '../lib/files.ts'
import { modelIds } from '../models/registry.ts'
import { writeLine } from './flags.ts'

export interface WatchFlags {
  readonly env?: string
  readonly model?: string
  readonly seed?: number
  readonly scrambled?: true
  readonly folder: string
  readonly episode: number
  readonly out?: string
  readonly force?: true
}

const legend = `panels from left to right:
  truth       the frame that was to be predicted
  seen        what the model was shown of the frame before it; the rest was hidden
  prediction  what the model expected, from that and from what it remembers
  error       their distance, black where there is none
a red frame: blind, the model is shown nothing any more; values from black (0) to white (1), or from blue (low)
over white (mean) to red (high); a world of one dimension is drawn as space × time, a row a frame`

/** Draws one episode of a finished cell. @throws UserError where the cell, its weights or its episode are not there. */
export async function watch(id: string | undefined, flags: WatchFlags): Promise<void> {
  const { folder, episode, env, model } = flags
  const environment = env && worldName(env)
  const worlds = environments.map(({ id }) => id)
  if (environment !== undefined && !isWorldFile(environment)) oneOf('environment', environment, worlds)
  if (model !== undefined) oneOf('model', model, modelIds)
  // An id says all; without one the plain cell of the first seed is meant, unless something else is said.
  const { seed = id === undefined ? 0 : undefined, scrambled = id === undefined ? false : undefined } = flags
  const { cell, spec, sources } = findCell(folder, { id, environment, model, seed, scrambled })
  const evaluated = spec.episodes.evaluation
  if (episode >= evaluated)
    throw new UserError(`episode ${episode}: cell ${cell.slice(0, 8)} was evaluated on episodes 0 to ${evaluated - 1}`)
  const world = isWorldFile(spec.environment) ? basename(spec.environment, extname(spec.environment)) : spec.environment
  const out = flags.out ?? `${world}-${spec.model}-${cell.slice(0, 8)}.gif`
  if (existsSync(out) && !flags.force) throw new UserError(`'${out}' is there already; --force writes over it`)
  if (sources !== sourcesHash())
    process.stderr.write('note: the sources have changed since this cell was run; it may be drawn other than scored\n')
  const { watchCell } = await import('../benchmarks/pictures/watch.ts')
  writeFileAtomic(out, await watchCell(spec, readWeights(folder, cell), episode))
  await writeLine(`${out}: episode ${episode} of ${cellLabel(spec)}\n${legend}`)
}
