import { totalmem } from 'node:os'
import { UserError } from '../../lib/errors.ts'
import type { Network, TaskShape, TrainedModel } from '../../models/model.ts'

/**
 * What a process comes to hold for each byte of tensors that are alive at once, at the least: ONNX Runtime's arena was
 * seen to grow by 2.3 to 5 times as much.
 */
const HELD = 2

/** What a process may hold where nobody says: all that the machine has, in MiB. */
export const machineMemoryMb = (): number => totalmem() / 2 ** 20

/** @throws UserError where a training step with so many bytes of tensors at once cannot fit into what a cell may hold. */
export function checkMemory(
  { id }: Pick<TrainedModel, 'id'>,
  { modules }: Pick<Network, 'modules'>,
  { lattice, batch }: Pick<TaskShape, 'lattice' | 'batch'>,
  bytes: number,
  limitMb: number,
): void {
  const estimate = Math.ceil((HELD * bytes) / 2 ** 20)
  if (estimate <= limitMb) return
  const tiles = `${lattice.rows} × ${lattice.columns} tiles`
  const size = modules === undefined ? tiles : `${modules} modules for ${tiles}`
  throw new UserError(
    `${id} with ${size} in batches of ${batch} needs at least ${estimate} MiB to train, and a cell may hold ` +
      `${Math.floor(limitMb)}: larger tiles or a smaller batch take less`,
  )
}
