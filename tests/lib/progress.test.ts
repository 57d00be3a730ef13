import { describe, expect, it } from 'vitest'
import { estimateRemaining, formatDuration, liveLines } from '../../lib/progress.ts'

describe('the estimate of the remaining time', () => {
  const nothing = { finished: [], running: [], queued: [], lanes: 2 }

  it('is the plan where nothing has been measured', () => {
    expect(estimateRemaining({ ...nothing, queued: [10, 10, 4] })).toBe(14)
    expect(estimateRemaining(nothing)).toBe(0)
  })

  it('stretches the plan by what finished work took', () => {
    const finished = [
      { expected: 10, actual: 18 },
      { expected: 10, actual: 22 },
    ]
    const running = [{ expected: 10, elapsed: 5 }]
    expect(estimateRemaining({ finished, running, queued: [10], lanes: 1 })).toBe(35)
    expect(estimateRemaining({ finished, running, queued: [10], lanes: 2 })).toBe(20)
  })

  it('takes the pace of a phase over the plan, once it has lasted', () => {
    const work = { expected: 100, elapsed: 12 }
    const paced = { ...work, phase: { elapsed: 10, share: 0.5 } }
    expect(estimateRemaining({ ...nothing, running: [paced] })).toBe(10)
    expect(estimateRemaining({ ...nothing, running: [paced], queued: [100, 100] })).toBe(10 + 22)
    const early = { ...work, phase: { elapsed: 0.1, share: 0.001 } }
    expect(estimateRemaining({ ...nothing, running: [early] })).toBe(88)
  })

  it('never counts below zero', () => {
    expect(estimateRemaining({ ...nothing, running: [{ expected: 1, elapsed: 50 }] })).toBe(0)
  })
})

describe('durations', () => {
  it('are read like a clock', () => {
    expect([0, 7.4, 59.6, 760, 11_100].map(formatDuration)).toEqual(['0:00', '0:07', '1:00', '12:40', '3:05:00'])
  })
})

describe('live lines', () => {
  const written = (isTTY: boolean) => {
    const chunks: string[] = []
    const lines = liveLines({ isTTY, columns: 11, rows: 4, write: text => chunks.push(text) })
    lines.update(['one', 'a line that is too long'])
    lines.print('stays')
    lines.update(['two'])
    lines.clear()
    return chunks.join('')
  }

  it('change in place in a terminal, none longer than it', () => {
    expect(written(true)).toBe('one\na line tha\n\x1b[2A\x1b[0Jstays\ntwo\n\x1b[1A\x1b[0J')
  })

  it('are no more than it has rows, less one for the cursor', () => {
    const chunks: string[] = []
    const lines = liveLines({ isTTY: true, columns: 80, rows: 4, write: text => chunks.push(text) })
    lines.update(['1', '2', '3', '4', '5'])
    lines.update(['6'])
    expect(chunks).toEqual(['1\n2\n3\n', '\x1b[3A\x1b[0J6\n'])
  })

  it('are left out of a pipe', () => {
    expect(written(false)).toBe('stays\n')
  })
})
