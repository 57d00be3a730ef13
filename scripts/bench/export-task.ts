import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exportTask } from '../../benchmarks/score/export-task.ts'
import { cellsOfTask } from '../../benchmarks/score/task-of.ts'
import { findSuite } from '../../benchmarks/suites/index.ts'
import { UserError } from '../../lib/errors.ts'
import { type Settings, writeLine } from '../flags.ts'

/** Flags that say which task of a suite is meant. */
export interface TaskFlags {
  readonly suite: string
  readonly env: string
  readonly size?: number
  readonly scrambled?: boolean
  readonly set?: Settings
  readonly seed: number
}

export interface ExportTaskFlags extends TaskFlags {
  readonly out: string
  readonly force?: boolean
}

/** Writes a task of a suite for models that are made elsewhere, and says what is in the files. */
export async function exportTaskFiles(flags: ExportTaskFlags): Promise<void> {
  const { env, size, scrambled, set, seed, out, force } = flags
  const present = ['train.npz', 'validation.npz', 'test.npz', 'task.json'].find(name => existsSync(join(out, name)))
  if (present !== undefined && !force)
    throw new UserError(`'${join(out, present)}' is there already; --force writes over it`)
  const suite = await findSuite(flags.suite)
  const [spec] = await cellsOfTask(suite, { environment: env, size, scrambled, parameters: set })
  for (const { path, bytes, arrays } of await exportTask({ ...spec, seed }, out)) {
    await writeLine(`${path} (${(bytes / 1e6).toFixed(2)} MB)`)
    for (const [name, shape] of Object.entries(arrays)) await writeLine(`  ${name}  ${shape.join(' × ')}`)
  }
  await writeLine(`${join(out, 'task.json')}: what they mean, and what to predict`)
}
