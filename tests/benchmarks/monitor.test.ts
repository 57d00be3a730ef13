import { describe, expect, it } from 'vitest'
import type { CellRecord } from '../../benchmarks/cell.ts'
import { cellLabel, createMonitor } from '../../benchmarks/running/monitor.ts'
import { fakeCell } from './fakes/cells.ts'

describe('the monitor of a run', () => {
  it('is quiet in a pipe but for notes and failures', () => {
    const chunks: string[] = []
    const [good, bad] = [fakeCell('lives'), fakeCell('throws')]
    const monitor = createMonitor({ isTTY: false, write: text => chunks.push(text) }, 1, () => 1)
    const ended = (status: CellRecord['status'], error: string) => ({ status, error }) as CellRecord
    monitor.planned([good, bad], 3)
    monitor.started(good)
    monitor.progressed(good, { phase: 'train', step: 1, steps: 2, loss: 0.5 })
    monitor.ended(good, ended('ok', ''), 1)
    monitor.note('a file is damaged')
    monitor.started(bad)
    monitor.ended(bad, ended('failed', 'the reason'), 1)
    monitor.close()
    expect(chunks).toEqual(['a file is damaged\n', `${cellLabel(bad)}: failed: the reason\n`])
  })

  it('names a cell by its id, world, model and seed', () => {
    expect(cellLabel(fakeCell('lives', 2))).toMatch(/^[0-9a-f]{8} life 24, lstm fate=lives, seed 2$/)
  })
})
