import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contradictions } from '../../benchmarks/board/contradictions.ts'
import { modelFamilies } from '../../benchmarks/board/families.ts'
import { fingerprints, type Publishing, parseManifest, publish } from '../../benchmarks/board/publication.ts'
import { formatResults, readResults, resultFiles, writeResults } from '../../benchmarks/board/results.ts'
import { type RunRow, resultTables } from '../../benchmarks/board/tables.ts'
import { verifyPublication } from '../../benchmarks/board/verify.ts'
import type { CellRecord } from '../../benchmarks/cell.ts'
import { UserError } from '../../lib/errors.ts'
import { madeUpRecord, madeUpWorld } from './made-up.ts'

const records = [
  ...madeUpWorld({ places: [['filter', 1] as const, ['blind', 2] as const] }, { lstm: 0.5, s2gru: 0.4 }),
  madeUpRecord({ model: 'conv-gru', family: 'local', status: 'timeout', message: '=cmd|"/C calc"!A0' }),
]
const commands = ['npm run bench -- --seeds 3']
const allFiles = [...resultFiles, 'manifest.json'].sort()

let scratch = ''
let from = ''
let out = ''
let publishing: Publishing
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'publication-'))
  from = join(scratch, 'run')
  writeResults(from, 'quick', records)
})
afterAll(() => rmSync(scratch, { recursive: true }))
beforeEach(() => {
  out = join(scratch, 'published')
  publishing = { suite: 'quick', from, out, commands, force: false }
})
afterEach(() => rmSync(out, { recursive: true, force: true }))

const contentOf = (folder: string) => readdirSync(folder).map(name => [name, readFileSync(join(folder, name), 'utf8')])
const edit = (name: string, change: (text: string) => string) =>
  writeFileSync(join(out, name), change(readFileSync(join(out, name), 'utf8')))
/** What someone does who wants a change to look published. */
function forgeManifest(): void {
  const manifest = parseManifest(readFileSync(join(out, 'manifest.json'), 'utf8'))
  const files = fingerprints(name => readFileSync(join(out, name)))
  writeFileSync(join(out, 'manifest.json'), JSON.stringify({ ...manifest, files }))
}

/** The same, with a board and costs that follow from the other files as they now are. */
function forgeAll(): void {
  const files = formatResults(readResults(out))
  for (const name of resultFiles) writeFileSync(join(out, name), files[name])
  forgeManifest()
}

describe('publishing', () => {
  test('writes the CSVs and a manifest, the same bytes every time, and it verifies', () => {
    const manifest = publish(publishing)
    expect(readdirSync(out).sort()).toEqual(allFiles)
    expect(manifest).toMatchObject({ suite: 'quick', commands, cells: 13, machines: ['two cores, "made up"'] })
    expect(manifest.versions).toEqual({ node: ['v20.0.0'] })
    expect(verifyPublication(out)).toMatchObject({
      problems: [],
      workedOut: { 'leaderboard.csv': 10, 'costs.csv': 10 },
    })
    const first = contentOf(out)
    publish({ ...publishing, force: true })
    expect(contentOf(out)).toEqual(first)
  })

  test('gives spreadsheet-saved files their one form again', () => {
    const saved = join(scratch, 'saved')
    cpSync(from, saved, { recursive: true })
    const runs = readFileSync(join(saved, 'runs.csv'), 'utf8').trim().split('\n')
    writeFileSync(join(saved, 'runs.csv'), `\uFEFF${[runs[0], ...runs.slice(1).reverse()].join('\r\n')}\r\n`)
    publish({ ...publishing, from: saved })
    expect(readFileSync(join(out, 'runs.csv'))).toEqual(readFileSync(join(from, 'runs.csv')))
  })

  test('brings a publication to its present form where it is, as long as it is what was published', () => {
    publish(publishing)
    const whole = contentOf(out)
    const manifest = parseManifest(readFileSync(join(out, 'manifest.json'), 'utf8'))
    const { 'costs.csv': _, ...files } = manifest.files
    rmSync(join(out, 'costs.csv'))
    writeFileSync(join(out, 'manifest.json'), JSON.stringify({ ...manifest, files }))
    const again = { ...publishing, from: out }
    expect(() => publish(again)).toThrow(/holds a publication already; --force replaces it/)
    publish({ ...again, force: true })
    expect(contentOf(out)).toEqual(whole)
    edit('episodes.csv', text => text.replace(/\d\n$/, '\n'))
    expect(() => publish({ ...again, force: true })).toThrow(
      /cannot be published again: episodes\.csv is not the file that was published/,
    )
    expect(existsSync(join(out, 'manifest.json'))).toBe(true)
  })

  test('replaces an earlier publication only when told to, and what it does not know never', () => {
    mkdirSync(out)
    writeFileSync(join(out, 'board.txt'), 'of an earlier form')
    writeFileSync(join(out, 'runs.csv'), 'old')
    expect(() => publish(publishing)).toThrow(/holds a publication already; --force replaces it/)
    expect(readFileSync(join(out, 'runs.csv'), 'utf8')).toBe('old')
    writeFileSync(join(out, 'thesis.tex'), 'precious')
    expect(() => publish({ ...publishing, force: true })).toThrow(/thesis\.tex" is no part of a publication/)
    expect(contentOf(out)).toHaveLength(3)
    rmSync(join(out, 'thesis.tex'))
    mkdirSync(join(out, 'plots'))
    publish({ ...publishing, force: true })
    expect(readdirSync(out).sort()).toEqual([...allFiles, 'plots'].sort())
    expect(verifyPublication(out).problems).toEqual([])
  })

  test('refuses what it cannot stand for, and writes nothing', () => {
    const broken = (name: string, change: (text: string) => string) => {
      const other = join(scratch, `broken-${name}`)
      cpSync(from, other, { recursive: true })
      writeFileSync(join(other, name), change(readFileSync(join(other, name), 'utf8')))
      return { ...publishing, from: other }
    }
    const refusals: [Publishing, RegExp][] = [
      [{ ...publishing, suite: 'views' }, /holds results of suite "quick", not of "views"/],
      [{ ...publishing, out: from, force: true }, /holds the results themselves/],
      [{ ...publishing, from: join(scratch, 'none') }, /no results in/],
      [{ ...publishing, out: join(from, 'runs.csv'), force: true }, /^cannot read the folder '.*': .*not a folder$/],
      [broken('episodes.csv', text => text.slice(0, -5)), /episodes\.csv is cut off/],
      [broken('cells.csv', text => text.replace('""seed"":0', '""seed"":7')), /has another hash/],
      [broken('runs.csv', text => `${text.split('\n')[0]}\n`), /runs\.csv has no rows/],
    ]
    for (const [wish, message] of refusals) {
      expect(() => publish(wish)).toThrow(message)
      expect(() => publish(wish)).toThrow(UserError)
      expect(existsSync(out)).toBe(false)
    }
    expect(readdirSync(from).sort()).toEqual([...resultFiles].sort())
  })
})

describe('the rows of a cell', () => {
  const found = (record: CellRecord, change: Partial<RunRow> = {}, families = modelFamilies) => {
    const tables = resultTables('quick', [record])
    const [first, ...others] = tables.runs
    return contradictions({ ...tables, runs: [{ ...first, ...change }, ...others] }, families)
  }

  test('name its world: of a file by its path and what was chosen, without the content', () => {
    const parameters = { content: 'c'.repeat(64), speed: 2 }
    const recorded = madeUpRecord({ model: 'lstm', environment: 'worlds/drift.ts', parameters })
    expect(found(recorded)).toEqual([])
    expect(found(recorded, { environment: 'worlds/drift.ts' })).toEqual([
      expect.stringMatching(/environment is "worlds\/drift\.ts", its cell says "worlds\/drift\.ts\(speed=2\)"$/),
    ])
  })

  test('are of the family of its model, in the registry or in other rows, and external where made elsewhere', () => {
    const external = madeUpRecord({ model: 'external', family: 'external', options: { name: 'mine' } })
    const gone = madeUpRecord({ model: 'gone', family: 'local' })
    const cases: [CellRecord, RunRow['family'], RegExp][] = [
      [external, 'local', /^runs\.csv row 1 .*: family is "local", that of its model is "external"$/],
      [madeUpRecord({ model: 'lstm' }), 'external', /row 1 .*: family is "external", that of its model is "global"$/],
      [gone, 'external', /row 1 .*: family is "external", its model is not$/],
      [gone, 'global', /row 2 .*: family is "local", that of its model is "global"$/],
    ]
    for (const [record, family, message] of cases) {
      expect(found(record)).toEqual([])
      expect(found(record, { family })).toEqual([expect.stringMatching(message)])
    }
    // Without the registry rows of one model are still held against each other.
    expect(found(madeUpRecord({ model: 'lstm' }), { family: 'reference' }, new Map())).toEqual([
      expect.stringMatching(/row 2 .*: family is "global", that of its model is "reference"$/),
    ])
  })
})

describe('verifying', () => {
  beforeEach(() => {
    publish(publishing)
  })
  const problems = () => verifyPublication(out).problems

  test('names every file that is missing, changed or too much', () => {
    rmSync(join(out, 'timings.csv'))
    edit('episodes.csv', text => `${text}\n`)
    writeFileSync(join(out, 'notes.md'), '')
    expect(problems()).toEqual([
      expect.stringMatching(/^episodes\.csv is not the file that was published: .* bytes instead of \d+$/),
      'timings.csv is missing',
      '"notes.md" is no part of the publication',
    ])
  })

  test.each([
    ['leaderboard.csv', 1],
    ['costs.csv', 5],
  ])('names the first row of %s that the other files do not come to', (file, row) => {
    edit(file, text => text.replace(/,s2gru,/, ',s3gru,').replace(/,s2gru,/, ',s4gru,'))
    expect(problems()).toEqual([
      `${file} is not the file that was published: its sha256 differs`,
      `${file} row ${row} (bouncing-balls, size 24, plain, s2gru, filter 1): model is "s3gru", the other files come to ` +
        '"s2gru"',
    ])
  })

  test('a publication from before there was a file is told how it gets it, in one line', () => {
    const manifest = parseManifest(readFileSync(join(out, 'manifest.json'), 'utf8'))
    const { 'costs.csv': _, ...files } = manifest.files
    writeFileSync(join(out, 'manifest.json'), JSON.stringify({ ...manifest, files }))
    rmSync(join(out, 'costs.csv'))
    expect(problems()).toEqual([
      'costs.csv is not in manifest.json, as in publications from before there was such a file: npm run leaderboard -- ' +
        `publish --suite quick --from ${out} --out ${out} --force adds it`,
    ])
  })

  test('hashes that were made to fit do not help a forger', () => {
    const forgeries: [string, (text: string) => string, RegExp][] = [
      ['leaderboard.csv', text => text.replace(/0\.5\d+/, '0.9'), /^leaderboard\.csv row \d+ .* is 0\.9, the other/],
      ['costs.csv', text => text.replace(/,true\n/, ',false\n'), /^costs\.csv row \d+ .* on_front is false, .* true$/],
      ['costs.csv', text => `${text.split('\n').slice(0, 4).join('\n')}\n`, /^costs\.csv ends before row 4 /],
      ['costs.csv', text => text.slice(0, -1), /costs\.csv is cut off/],
      ['leaderboard.csv', text => text.replaceAll('\n', '\r\n'), /right rows in another form/],
      ['leaderboard.csv', text => `${text.split('\n').slice(0, 4).join('\n')}\n`, /ends before row 4 /],
      ['leaderboard.csv', text => text + text.split('\n').slice(-2).join('\n'), /has 11 rows, .* come to 10/],
      [
        'runs.csv',
        text => text.replace(/(cross_entropy,lower,0\.)\d/, '$19'),
        /^runs\.csv row \d+ .*its episodes have/,
      ],
      ['runs.csv', text => text.replace(',24,false,s2gru,', ',24,false,s3gru,'), /model is "s3gru", its cell says "s2/],
      ['cells.csv', text => text.replace('""size"":24', '""size"":48'), /spec of cell "\w{8}" has another hash/],
      ['cells.csv', text => text.replace('v20.0.0', 'v99.0.0'), /^manifest\.json: versions should be/],
      ['timings.csv', text => `${text.split('\n').slice(0, -2).join('\n')}\n`, /not have the same cells/],
    ]
    for (const [name, change, message] of forgeries) {
      publish({ ...publishing, force: true })
      edit(name, change)
      forgeManifest()
      expect(problems().join('\n'), name).toMatch(message)
    }
  })

  test.each<[string, (text: string) => string, RegExp]>([
    [
      'a model that is taken out of the race',
      text => text.replaceAll(',lstm,,global,', ',lstm,,reference,'),
      /^runs\.csv row \d+ \(cell "\w{8}"\): family is "reference", that of its model is "global"$/,
    ],
    ['a single row', text => text.replace(',s2gru,,learned,', ',s2gru,,local,'), /family is "local", .* is "learned"$/],
    ['a reference in the race', text => text.replaceAll(',reference,', ',local,'), /is "local", .* is "reference"$/],
    [
      'a world of another name',
      text => text.replaceAll(',bouncing-balls,', ',bouncing-balls(balls=9),'),
      /: environment is "bouncing-balls\(balls=9\)", its cell says "bouncing-balls"$/,
    ],
  ])('%s is found, though all else was made to follow', (_name, change, message) => {
    edit('runs.csv', change)
    forgeAll()
    expect(problems()).toEqual([expect.stringMatching(message)])
  })

  test('tables of which no board can be worked out are held against no board', () => {
    edit('cells.csv', text => text + text.split('\n').slice(-2).join('\n'))
    forgeManifest()
    const { problems, workedOut } = verifyPublication(out)
    expect(problems).toContain('cells.csv has a cell twice')
    expect(problems.join('\n')).not.toMatch(/leaderboard\.csv|costs\.csv/)
    expect(workedOut).toEqual({})
  })

  test('a manifest that is missing or damaged is one line', () => {
    const damages: [string, RegExp][] = [
      ['', /cut off or not JSON/],
      ['[]', /^manifest\.json: the whole: /],
      ['{"format":2}', /^manifest\.json: format: /],
      [
        readFileSync(join(out, 'manifest.json'), 'utf8').replace('"runs.csv"', '"../../runs.csv"'),
        /manifest\.json: files/,
      ],
    ]
    for (const [text, message] of damages) {
      writeFileSync(join(out, 'manifest.json'), text)
      const [problem, ...others] = problems()
      expect(problem).toMatch(message)
      expect(others).toEqual([])
    }
    rmSync(join(out, 'manifest.json'))
    expect(problems()).toEqual(['manifest.json is missing: it says what the other files should be'])
    expect(() => verifyPublication(join(out, 'runs.csv'))).toThrow(/^no folder/)
    expect(() => verifyPublication(join(scratch, 'none'))).toThrow(/^no folder '.*none': .* makes one$/)
  })

  test('any damage to any file is found, in lines without a stack trace, and nothing is written', () => {
    const name = fc.constantFrom(...allFiles)
    const damage = fc.record({ at: fc.nat(), length: fc.nat({ max: 40 }), bytes: fc.uint8Array({ maxLength: 40 }) })
    fc.assert(
      fc.property(name, damage, fc.boolean(), (name, { at, length, bytes }, forged) => {
        publish({ ...publishing, force: true })
        const path = join(out, name)
        const good = readFileSync(path)
        const start = at % good.length
        const bad = Buffer.concat([good.subarray(0, start), bytes, good.subarray(start + length)])
        writeFileSync(path, bad)
        if (forged && name !== 'manifest.json') forgeManifest()
        const before = contentOf(out)
        const found = problems()
        expect(contentOf(out)).toEqual(before)
        for (const line of found) expect(line).toMatch(/^[^\n\r]+$/)
        const harmless = bad.equals(good) || forged || name === 'manifest.json'
        if (!harmless) expect(found.length).toBeGreaterThan(0)
      }),
      { numRuns: 60 },
    )
  })
})
