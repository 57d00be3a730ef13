import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatCsv, formatNumber, parseCsv } from '../../lib/csv.ts'
import { UserError } from '../../lib/errors.ts'

const columns = { name: 'text', flag: 'boolean', value: 'number', horizon: 'optional number' } as const

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom("'", '=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ' ', 'a', '\uFEFF') }),
)
const anyRow = fc.record({
  name: anyText,
  flag: fc.boolean(),
  value: fc.double(),
  horizon: fc.option(fc.double()),
})

describe('round trip', () => {
  test('any rows come back exactly', () => {
    fc.assert(
      fc.property(fc.array(anyRow), rows => {
        expect(parseCsv('t.csv', formatCsv(columns, rows), columns)).toStrictEqual(rows.map(row => ({ ...row })))
      }),
    )
  })

  test('a single column of any texts comes back exactly', () => {
    const single = { name: 'text' } as const
    fc.assert(
      fc.property(fc.array(fc.record({ name: anyText })), rows => {
        expect(parseCsv('t.csv', formatCsv(single, rows), single)).toStrictEqual(rows.map(row => ({ ...row })))
      }),
    )
  })

  test('a plain reader sees the same records, and no field that a spreadsheet would run', () => {
    const single = { name: 'text', other: 'text' } as const
    fc.assert(
      fc.property(fc.array(fc.record({ name: anyText, other: anyText })), rows => {
        const records: string[][] = parse(formatCsv(single, rows))
        expect(records).toHaveLength(rows.length + 1)
        for (const field of records.flat()) expect(field).not.toMatch(/^[=+\-@\t\r\n]/)
      }),
    )
  })

  test('files saved by a spreadsheet are read too', () => {
    const text = '\uFEFFname,flag,value,horizon\r\n"a, b",TRUE,1e3,\r\n'
    expect(parseCsv('t.csv', text, columns)).toEqual([{ name: 'a, b', flag: true, value: 1000, horizon: null }])
  })
})

test('the bytes are fixed', () => {
  const rows = [
    { name: '=1+1', flag: true, value: -0.1, horizon: null },
    { name: 'say "no", twice', flag: false, value: Number.NaN, horizon: -Infinity },
  ]
  expect(formatCsv(columns, rows)).toBe(
    `name,flag,value,horizon\n'=1+1,true,-0.1,\n"say ""no"", twice",false,nan,-inf\n`,
  )
})

test('numbers in their shortest form', () => {
  expect([0.1, 1 / 3, 1e21, -0, Infinity, 5e-324].map(formatNumber)).toEqual([
    '0.1',
    '0.3333333333333333',
    '1e+21',
    '-0',
    'inf',
    '5e-324',
  ])
})

describe('a damaged file is one clear line', () => {
  const header = 'name,flag,value,horizon\n'
  const cases: [string, string, RegExp][] = [
    ['empty', '', /runs.csv is empty/],
    ['another header', 'a,b\n', /the columns should be name,flag,value,horizon, not "a,b"/],
    ['a column missing', `${header}a,true,1\n`, /line 2/],
    ['no number', `${header}a,true,1,\nb,true,one,\n`, /runs.csv line 3: value should be a number, not "one"/],
    ['a number in hex', `${header}a,true,0x10,\n`, /value should be a number/],
    ['a number missing', `${header}a,true,,\n`, /value should be a number, not ""/],
    ['no boolean', `${header}a,yes,1,\n`, /flag should be true or false/],
    ['a cut line', `${header}a,true,1,2`, /cut off/],
    ['a quote that stays open', `${header}"a,true,1,\n`, /damaged/],
    ['a quote in the middle', `${header}a"b,true,1,\n`, /damaged/],
  ]
  for (const [name, text, message] of cases)
    test(name, () => {
      expect(() => parseCsv('runs.csv', text, columns)).toThrow(message)
      expect(() => parseCsv('runs.csv', text, columns)).toThrow(UserError)
    })

  test('however it is damaged', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: 1 }), fc.nat(), fc.string(), (rows, at, junk) => {
        const text = formatCsv(columns, rows)
        const place = at % text.length
        try {
          parseCsv('t.csv', text.slice(0, place) + junk + text.slice(place + 1), columns)
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
          expect((error as Error).message).not.toContain('\n')
        }
      }),
    )
  })
})
