import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areaUnderCurve, holding, rankCorrelation, ranks } from '../../benchmarks/evaluation/ranking.ts'

describe('rank correlation', () => {
  it('shares ranks among equals', () => {
    expect([...ranks([10, 20, 20, 5])]).toEqual([2, 3.5, 3.5, 1])
  })

  it('is −29/165 for the intelligence and television of ten people (the usual textbook table)', () => {
    const intelligence = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    expect(rankCorrelation(intelligence, hours)).toBeCloseTo(-29 / 165, 12)
  })

  it('with ties: ranks 1 2½ 2½ 4 against 1 2 3 4 correlate by 4.5/√(4.5·5)', () => {
    expect(rankCorrelation([0, 1, 1, 7], [1, 2, 3, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12)
  })

  it('is 0 where one side ranks nothing, NaN for NaN', () => {
    expect(rankCorrelation([3, 3, 3], [1, 2, 3])).toBe(0)
    expect(rankCorrelation([1, Number.NaN, 3], [1, 2, 3])).toBe(Number.NaN)
  })

  it('does not change under any rising map, and turns its sign with the order', () => {
    const values = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(values, fc.nat(1000), (a, seed) => {
        const b = a.map((_, i) => (i * 7919 + seed) % 11)
        const rho = rankCorrelation(a, b)
        expect(rankCorrelation(a.map(Math.exp), b)).toBeCloseTo(rho, 12)
        expect(
          rankCorrelation(
            a.map(x => -x),
            b,
          ),
        ).toBeCloseTo(-rho, 12)
      }),
    )
  })
})

describe('area under the ROC curve', () => {
  it('is ¾ for scores .1 .4 .35 .8 of classes 0 0 1 1 (the example of scikit-learn)', () => {
    expect(areaUnderCurve([0.1, 0.4, 0.35, 0.8], [false, false, true, true])).toBe(0.75)
  })

  it('counts ties by half, and is null with one class only', () => {
    expect(areaUnderCurve([1, 1, 1], [true, false, false])).toBe(0.5)
    expect(areaUnderCurve([2, 1, 1], [false, true, false])).toBe(0.25)
    expect(areaUnderCurve([1, 2], [true, true])).toBeNull()
    expect(areaUnderCurve([1, 2], [false, false])).toBeNull()
    expect(areaUnderCurve([1, Number.NaN], [true, false])).toBe(Number.NaN)
  })

  it('is the share of pairs in the right order', () => {
    const pair = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean())
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 15 }), pairs => {
        const of = (wanted: boolean) => pairs.flatMap(([score, positive]) => (positive === wanted ? [score] : []))
        const order = of(true).flatMap(p => of(false).map(n => (p > n ? 1 : p === n ? 0.5 : 0)))
        const area = areaUnderCurve(
          pairs.map(([score]) => score),
          pairs.map(([, positive]) => positive),
        )
        if (order.length === 0) expect(area).toBeNull()
        else expect(area).toBeCloseTo(order.reduce<number>((sum, x) => sum + x, 0) / order.length, 12)
      }),
    )
  })
})

describe('what holds a share of all', () => {
  it('is the largest values, as few as will do, and what equals the last of them', () => {
    expect(holding([5, 50, 15, 30], 0.95)).toEqual([false, true, true, true])
    expect(holding([5, 50, 15, 30], 0.8)).toEqual([false, true, false, true])
    expect(holding([4, 1, 4, 1], 0.85)).toEqual([true, true, true, true])
    expect(holding([0.1, 0.2, 0, 0.7], 1)).toEqual([true, true, false, true])
  })

  it('is nothing where there is nothing', () => {
    expect(holding([0, 0], 0.95)).toEqual([false, false])
  })
})
