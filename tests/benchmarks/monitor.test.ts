import { describe, expect, it, vi } from 'vitest'
import { type CellRecord, cellId } from '../../benchmarks/cell.ts'
import { createEvents } from '../../benchmarks/running/events.ts'
import { cellLabel, createMonitor } from '../../benchmarks/running/monitor.ts'
import { fakeCell } from './fakes/cells.ts'

describe('the monitor of a run', () => {
  /** What a terminal of that width shows last, of one cell that trains beside three that are finished. */
  function screen(columns: number): string[] {
    vi.useFakeTimers()
    try {
      let shown = ''
      const write = (text: string) => {
        shown = text
      }
      const cell = fakeCell('lives')
      const monitor = createMonitor({ isTTY: true, columns, rows: 24, write }, 1, () => 60)
      monitor.planned([cell, fakeCell('lives', 1)], 3)
      monitor.started(cell)
      monitor.progressed(cell, { phase: 'train', step: 500, steps: 1536, loss: 0.123456 })
      vi.advanceTimersByTime(10_000)
      const lines = shown.replace(/^.*\[0J/s, '').split('\n')
      monitor.close()
      return lines
    } finally {
      vi.useRealTimers()
    }
  }

  it('shows cells done, the time left as measured, and of running cells step and loss', () => {
    // 500 of 1536 steps in 10 s: 20.72 s to go; the other one of the same plan, 30.72 s, comes after it.
    expect(screen(100)).toEqual([
      '3 of 5 cells done, about 0:51 left, 0:10 gone',
      `  ${cellLabel(fakeCell('lives'))}: train 500/1536, loss 0.1235`,
      '',
    ])
  })

  it('leaves nothing out that matters in a terminal of 40 columns', () => {
    const [head, label, state] = screen(40)
    expect(head).toMatch(/^3 of 5 cells done, about 0:51 left/)
    expect(label).toMatch(/^ {2}[0-9a-f]{8} life 24, lstm/)
    expect(state).toBe('    train 500/1536, loss 0.1235')
    for (const line of [head, label, state]) expect(line.length).toBeLessThan(40)
  })

  it('lets no name act on the terminal', () => {
    const name = 'a\u001b[2Jb\nc'
    expect(cellLabel({ ...fakeCell('lives'), model: name, environment: name })).not.toMatch(/\p{C}/u)
  })

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

describe('the events of a run', () => {
  it('are a JSON object a line: what began, how it stands, how it ended, and no more of it than machines need', () => {
    let text = ''
    const write = (part: string) => {
      text += part
    }
    const [good, bad] = [fakeCell('lives'), fakeCell('throws')]
    const events = createEvents({ isTTY: true, write }, 1, () => 60)
    const ended = (spec: typeof good, status: CellRecord['status'], error: string) =>
      events.ended(spec, { cell: cellId(spec), status, error } as CellRecord, 2)
    events.planned([good, bad], 3)
    events.started(good)
    for (let step = 1; step <= 100; step++) events.progressed(good, { phase: 'train', step, steps: 100, loss: 0.5 })
    events.progressed(good, { phase: 'evaluate', step: 0, steps: 2, loss: Number.NaN })
    ended(good, 'ok', '')
    events.note('two\nlines')
    events.started(bad)
    ended(bad, 'failed', 'the "reason"')
    events.close()
    const lines = text.trimEnd().split('\n')
    const told = lines.map(line => JSON.parse(line))
    expect(told.map(({ event, done, phase, step, loss, status }) => [event, done, phase, step, loss, status])).toEqual([
      ['planned', 3, undefined, undefined, undefined, undefined],
      ['started', 3, undefined, undefined, undefined, undefined],
      ['progress', 3, 'train', 1, 0.5, undefined],
      ['progress', 3, 'evaluate', 0, null, undefined],
      ['ended', 4, undefined, undefined, undefined, 'ok'],
      ['note', undefined, undefined, undefined, undefined, undefined],
      ['started', 4, undefined, undefined, undefined, undefined],
      ['ended', 5, undefined, undefined, undefined, 'failed'],
    ])
    expect(told[0]).toMatchObject({ cells: 5, remaining: 120 })
    // One cell took 2 s of its 60 s: so will the other.
    expect(told[4]).toMatchObject({ cell: cellId(good), took: 2, remaining: 2 })
    expect(told.at(-1)).toMatchObject({ cell: cellId(bad), error: 'the "reason"', remaining: 0 })
  })
})
