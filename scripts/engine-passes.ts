import type { Command } from 'commander'
import { passIds, selectPasses, setPasses } from '../engine/onnx/passes/index.ts'

/** The flag that leaves passes of the onnx engine out, to see what they do. */
export function addPassesFlag(command: Command): Command {
  return command.option(
    '--engine-passes <list>',
    `passes over the graph of the onnx engine: all, none, or some of ${passIds.join(', ')}`,
  )
}

/** Makes this process, and those that it starts, run only these passes. @throws UserError for an unknown one. */
export function usePasses(list: string | undefined): void {
  if (list === undefined) return
  selectPasses(list)
  setPasses(list)
}
