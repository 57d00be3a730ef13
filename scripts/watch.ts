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

/**
 * Draws one episode of a finished cell as it was scored.
 * @throws UserError where the cell, its weights or its episode are not there, or nothing was scored
 */
export async function watch(id: string | undefined, flags: WatchFlags): Promise<void> {
  const { folder, episode, env, model } = flags
  const environment = env && worldName(env)
  const worlds = environments.map(({ id }) => id)
  if (environment !== undefined && !isWorldFile(environment)) oneOf('environment', environment, worlds)
  if (model !== undefined) oneOf('model', model, modelIds)
  // An id says all; without one the plain cell of the first seed is meant, unless something else is said.
  const { seed = id === undefined ? 0 : undefined, scrambled = id === undefined ? false : undefined } = flags
  const { cell, spec, sources, status, error } = findCell(folder, { id, environment, model, seed, scrambled })
  if (status !== 'ok') throw new UserError(`cell ${cell.slice(0, 8)} was not scored: ${error || status}`)
  const evaluated = spec.episodes.evaluation
  if (episode >= evaluated)
    throw new UserError(`episode ${episode}: cell ${cell.slice(0, 8)} was evaluated on episodes 0 to ${evaluated - 1}`)
  const world = isWorldFile(spec.environment) ? basename(spec.environment, extname(spec.environment)) : spec.environment
  const out = flags.out ?? `${world}-${spec.model}-${cell.slice(0, 8)}.gif`
  if (existsSync(out) && !flags.force) throw new UserError(`'${out}' is there already; --force writes over it`)
  if (sources !== sourcesHash())
    process.stderr.write('note: the sources have changed since this cell was run; it may be drawn other than scored\n')
  const { watchCell } = await import('../benchmarks/pictures/watch.ts')
  const { gif, legend } = await watchCell(spec, readWeights(folder, cell), episode)
  writeFileAtomic(out, gif)
  await writeLine(`${out}: episode ${episode} of ${cellLabel(spec)}\n${legend}`)
}
