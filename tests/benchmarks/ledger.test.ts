import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CellRecord, cellId } from '../../benchmarks/cell.ts'
import * as ledger from '../../benchmarks/running/ledger.ts'
import { fakeCell } from './fakes/cells.ts'

const spec = fakeCell('lives')
const id = cellId(spec)
const record: CellRecord = {
  cell: id,
  spec,
  sources: 'now',
  status: 'ok',
  error: '',
  figures: [Number.NaN, Infinity, -Infinity, -0, 0.1].map((value, i) => ({
    condition: 'blind',
    horizon: i === 0 ? null : i,
    metric: 'E',
    direction: 'lower',
    value,
  })),
  episodes: [{ condition: 'blind', horizon: 1, episode: 0, error: 0.1 }],
  family: 'global',
  trainedParameters: 1,
  flopsPerStep: 2,
  steps: 3,
  versions: { node: '20' },
  initialStatesHash: 'ab',
  timings: { compileMs: 1, trainMs: 2, evaluateMs: 3, dataMs: 4, peakRssMb: 5, machine: 'a = "b", \n' },
}

describe('the ledger', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scalespace-'))
    ledger.openLedger(folder)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('reads back what it wrote, to the last bit', () => {
    expect(ledger.readCell(folder, id)).toEqual({ kind: 'missing' })
    ledger.writeCell(folder, record)
    expect(ledger.readCell(folder, id)).toEqual({ kind: 'finished', record })
    expect(readdirSync(join(folder, 'cells'))).toEqual([`${id}.json`])
  })

  it('clears away what a killed run left half written, wherever it wrote', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    for (const path of ['.runs.csv', join('cells', `.${id}.json`)])
      writeFileSync(join(folder, `${path}.${dead}.tmp`), '{')
    ledger.openLedger(folder)
    expect(readdirSync(folder, { recursive: true })).toEqual(['cells'])
  })

  it('knows a damaged file by every kind of damage, and keeps it', () => {
    ledger.writeCell(folder, record)
    const path = ledger.cellPath(folder, id)
    const good = readFileSync(path, 'utf8')
    const damages: [string | Buffer, RegExp][] = [
      ['', /cut off or not JSON/],
      [good.slice(0, -20), /cut off or not JSON/],
      ['[]', /expected object/],
      [good.replace('"steps":3,', '"steps":"3",'), /steps/],
      [good.replace('"seed":0', '"seed":1'), /another cell/],
      [good.replace(id, id.replace(/^./, 'x')), /another cell/],
      [good.replace('"error":0.1', '"error":"=1"'), /episodes\.0\.error/],
      [Buffer.from([0xff, 0xfe, 0x00]), /UTF-8/],
    ]
    for (const [content, reason] of damages) {
      writeFileSync(path, content)
      const entry = ledger.readCell(folder, id)
      expect(entry.kind === 'damaged' && entry.reason).toMatch(reason)
    }
    expect(ledger.setAside(folder, id)).toBe(`${path}.damaged`)
    writeFileSync(path, '')
    expect(ledger.setAside(folder, id)).toBe(`${path}.damaged-2`)
    expect(readdirSync(join(folder, 'cells')).sort()).toEqual([`${id}.json.damaged`, `${id}.json.damaged-2`])
  })

  it('lets a result stand where its sources are the present ones, a failure too', () => {
    const current = (change: Partial<CellRecord>) =>
      ledger.isCurrent({ kind: 'finished', record: { ...record, ...change } }, 'now')
    expect(current({})).toBe(true)
    expect(current({ status: 'crashed' })).toBe(true)
    expect(current({ sources: 'before' })).toBe(false)
    expect(ledger.isCurrent({ kind: 'missing' }, 'now')).toBe(false)
  })

  it('says in one line that a folder cannot be written', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(() => ledger.openLedger(file)).toThrow(/^cannot .*file/)
    expect(() => ledger.openLedger(join(file, 'below'))).toThrow(/^cannot make the folder/)
  })
})
