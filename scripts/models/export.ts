import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { findCell } from '../../benchmarks/running/find-cell.ts'
import { readWeights } from '../../benchmarks/running/ledger.ts'
import { cellLabel } from '../../benchmarks/running/monitor.ts'
import { sourcesHash } from '../../benchmarks/running/sources.ts'
import { UserError } from '../../lib/errors.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { encodeSafetensors } from '../../lib/safetensors.ts'
import { writeLine } from '../flags.ts'

export interface ExportFlags {
  readonly out: string
  readonly parameters?: string
  readonly batch: number
  readonly folder: string
  readonly force?: true
  readonly json?: true
}

/** @throws UserError where the name of a file does not say what it will hold, or the file is there already */
export function checkFile(file: string, ending: string, force: boolean): void {
  if (extname(file).toLowerCase() !== ending)
    throw new UserError(`cannot write '${file}': its name must end in ${ending}`)
  if (existsSync(file) && !force) throw new UserError(`'${file}' is there already; --force writes over it`)
}

/** Writes what a finished cell trained as an ONNX file. @throws UserError */
export async function exportModel(id: string, flags: ExportFlags): Promise<void> {
  const { out, parameters: file, batch, folder, force, json } = flags
  checkFile(out, '.onnx', force === true)
  if (file !== undefined) checkFile(file, '.safetensors', force === true)
  const record = findCell(folder, { id })
  if (record.sources !== sourcesHash())
    process.stderr.write('note: the sources have changed since this cell was run; it may predict other than scored\n')
  const parameters = readWeights(folder, record.cell)
  const { exportCell } = await import('../../benchmarks/running/export-cell.ts')
  const { onnx, opset, inputs, outputs } = await exportCell(record, parameters, batch)
  writeFileAtomic(out, onnx)
  if (file !== undefined && parameters !== null) writeFileAtomic(file, encodeSafetensors(parameters))
  const { cell, spec } = record
  if (json)
    return writeLine(JSON.stringify({ file: out, bytes: onnx.length, parameters: file, cell, opset, inputs, outputs }))
  const ports = [...inputs.map(port => ['in', port] as const), ...outputs.map(port => ['out', port] as const)]
  const lines = ports.map(
    ([way, { name, shape, meaning }]) => `${way.padEnd(4)}${name.padEnd(12)}${shape.join(' × ')}: ${meaning}`,
  )
  const also = file === undefined ? '' : `\n${file}: its parameters by name`
  await writeLine(
    `${out}: ${cellLabel(spec)}; ONNX opset ${opset}, ${(onnx.length / 1e6).toFixed(2)} MB, float32\n` +
      `${lines.join('\n')}\nletters, units, tiles and positions: in its metadata${also}`,
  )
}
