import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { cellId, cellSchema } from '../../benchmarks/cell.ts'
import { cellsOf } from '../../benchmarks/suites/cells.ts'
import { findSuite } from '../../benchmarks/suites/index.ts'
import { fullField } from '../../benchmarks/suites/quick.ts'
import { selectCells } from '../../benchmarks/suites/suite.ts'
import { UserError } from '../../lib/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'suite-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const cellsIn = async (path: string) => selectCells(await findSuite(path), {})

/** As the README shows it. */
const waves = {
  title: 'does it matter how fast waves are?',
  tasks: [0.35, 0.7].map(c => ({
    environment: 'waves',
    parameters: { c },
    size: 24,
    schedule: { tile: 4, views: 12, queries: 12, context: 6, blind: 2 },
    budget: { kind: 'steps', parameters: 57_000, steps: 500, batch: 8 },
    seeds: 2,
    entries: [
      { model: 'conv-gru', learningRate: 0.004 },
      { model: 's2gru', options: { headSize: 4 }, learningRate: 0.004 },
    ],
  })),
}

describe('a suite in a JSON file', () => {
  it('is every entry for every task and seed, with the references beside them', async () => {
    const path = file('waves.json', waves)
    const suite = await findSuite(path)
    expect(suite).toMatchObject({ id: 'waves', title: waves.title })
    const cells = await selectCells(suite, {})
    for (const spec of cells) expect(cellSchema.parse(spec)).toEqual(spec)
    const seen = cells.map(({ model, parameters, seed }) => `${model} ${parameters.c} ${seed}`)
    const expected = [0.35, 0.7].flatMap(c =>
      ['persistence', 'climatology', 'time-traveller', 'conv-gru', 's2gru'].flatMap(model =>
        [0, 1].map(seed => `${model} ${c} ${seed}`),
      ),
    )
    expect(seen).toEqual(expected)
    expect(cells[0].schedule).toEqual({ tile: 4, views: 12, queries: 12, context: 6, blind: 2, scrambled: false })
    expect(cells[6].budget).toEqual({ kind: 'steps', parameters: 57_000, steps: 500, batch: 8, learningRate: 0.004 })
  })

  it('that says what a suite of the project says has its very cells', async () => {
    const { environment, size, schedule, episodes, evaluation, budget } = fullField('life')
    const entries = [{ model: 'conv-gru', learningRate: 4e-3 }]
    const path = file('life.json', { tasks: [{ environment, size, schedule, episodes, evaluation, budget, entries }] })
    const own = (await cellsIn(path)).filter(({ model }) => model === 'conv-gru').map(cellId)
    expect(own).toEqual((await cellsOf(fullField('life'), entries, 1)).map(cellId))
  })

  it('may say no more than a world and who is entered', async () => {
    const path = file('least.json', { tasks: [{ environment: 'traffic', entries: [{ model: 'persistence' }] }] })
    expect((await cellsIn(path)).map(({ model }) => model)).toEqual(['climatology', 'time-traveller', 'persistence'])
  })

  it('may count in FLOPs', async () => {
    const budget = { kind: 'flops', parameters: 57_000, flops: 2e11, batch: 8 }
    const path = file('flops.json', { tasks: [{ ...waves.tasks[0], budget }] })
    expect((await cellsIn(path)).at(-1)?.budget).toEqual({ ...budget, learningRate: 0.004 })
  })

  it('finds worlds in files from where it is', async () => {
    file('world.json', {}) // not a world: its error shows where it was looked for
    const path = file('files.json', { tasks: [{ environment: './none.ts', entries: [{ model: 'persistence' }] }] })
    await expect(cellsIn(path)).rejects.toThrow(`files.json: task 0: there is no file '${join(folder, 'none.ts')}'`)
  })

  it.each([
    ['not JSON', '{"tasks": [', /: it is not JSON: /],
    ['no tasks', {}, /: 'tasks': /],
    ['an unknown field', { tasks: [{ ...waves.tasks[0], speed: 1 }] }, /: 'tasks\.0': .*speed/],
    ['a field of the wrong kind', { tasks: [{ ...waves.tasks[0], seeds: 'two' }] }, /: 'tasks\.0\.seeds': /],
    ['an id that is a path', { ...waves, id: '../x' }, /: 'id': letters, digits, _, \. and - are expected/],
    ["a suite of the project's own id", { ...waves, id: 'quick' }, /: the project has a suite 'quick' itself/],
    ['an unknown world', { tasks: [{ ...waves.tasks[0], environment: 'wave' }] }, /: task 0: unknown .*'wave'.* waves/],
    [
      'an unknown parameter',
      { tasks: [{ ...waves.tasks[0], parameters: { speed: 1 } }] },
      /: task 0: waves has no param/,
    ],
    ['a size that does not fit', { tasks: [{ ...waves.tasks[0], size: 25 }] }, /: task 0: size 25 is not a multiple/],
    [
      'an unknown shift',
      { tasks: [{ ...waves.tasks[0], evaluation: { shifts: ['x'] } }] },
      /: task 0: unknown shift of w/,
    ],
    [
      'an unknown model',
      { tasks: [{ ...waves.tasks[0], entries: [{ model: 'lsm' }] }] },
      /: task 0: entry 0: unknown model 'lsm'/,
    ],
    [
      'a trained model without a learning rate',
      { tasks: [{ ...waves.tasks[0], entries: [{ model: 'lstm' }] }] },
      /: task 0: entry 0: lstm is trained: it needs a learningRate/,
    ],
    [
      'a reference with one',
      { tasks: [{ ...waves.tasks[0], entries: [{ model: 'persistence', learningRate: 1 }] }] },
      /: entry 0: persistence is not trained/,
    ],
    [
      'an unknown option',
      { tasks: [{ ...waves.tasks[0], entries: [{ model: 'lstm', options: { heads: 2 }, learningRate: 1 }] }] },
      /: task 0: entry 0: lstm has no option 'heads'/,
    ],
  ])('says in one line what is wrong with it, and where: %s', async (_name, content, message) => {
    const path = file('wrong.json', content)
    const error = await cellsIn(path).catch(error => error)
    expect(error).toBeInstanceOf(UserError)
    expect(error.message).toMatch(message)
    expect(error.message.startsWith(path)).toBe(true)
    expect(error.message).not.toContain('\n')
  })

  it('answers any JSON at all in one line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async text => {
        const error = await cellsIn(file('any.json', text)).catch(error => error)
        expect(error).toBeInstanceOf(UserError)
        expect(error.message).not.toMatch(/[\r\n]/)
      }),
      { numRuns: 200 },
    )
  })
})

describe('a suite in a module', () => {
  const imports = `
    import { cellsOf, references } from '${join(process.cwd(), 'benchmarks/suites/cells.ts')}'
    import { fullField } from '${join(process.cwd(), 'benchmarks/suites/quick.ts')}'
  `
  it('is what it exports, by whatever name', async () => {
    const path = file(
      'own.ts',
      `${imports}
      export const mine = {
        id: 'mine',
        title: 'life, twice as long',
        cells: () => cellsOf({ ...fullField('life'), episodes: { train: 8, evaluation: 4 } }, references, 2),
      }`,
    )
    const suite = await findSuite(path)
    expect(suite.id).toBe('mine')
    expect((await selectCells(suite, {})).map(({ model, seed }) => `${model} ${seed}`)).toEqual([
      'persistence 0',
      'persistence 1',
      'climatology 0',
      'climatology 1',
      'time-traveller 0',
      'time-traveller 1',
    ])
    const [cell] = await suite.cells()
    expect(suite.expectedSeconds(cell, {} as never)).toBe(3)
  })

  it.each([
    ['nothing', 'export const a = 1', /: the module exports no suite: export one/],
    ['two', "export const a = { id: 'a', cells() {} }, b = { id: 'b', cells() {} }", /: the module exports 2 suites/],
    ['an incomplete one', "export const a = { id: 'a', cells: 1, title: '' }", /: the suite's 'cells': a function is/],
    ['no title', "export const a = { id: 'a', cells() {} }", /: the suite's 'title': /],
    ['no cells', "export const a = { id: 'a', title: '', cells() {} }", /: its cells are no array/],
    ['no cell', "export const a = { id: 'a', title: '', cells: () => [1] }", /: cell 0: /],
    ['a mistake', 'export const a = nowhere', /: the module cannot be loaded: ReferenceError: nowhere is not defined/],
  ])('says in one line what is wrong with it: %s', async (name, code, message) => {
    const path = file(`${name.replaceAll(' ', '-')}.ts`, code)
    const error = await cellsIn(path).catch(error => error)
    expect(error).toBeInstanceOf(UserError)
    expect(error.message).toMatch(message)
    expect(error.message).not.toContain('\n')
  })
})

it('a file that is not there, or of another kind, is told of', async () => {
  await expect(findSuite('./none.json')).rejects.toThrow("there is no file './none.json'")
  await expect(findSuite('./none.yaml')).rejects.toThrow(/a suite is a file that ends in \.json, /)
  await expect(findSuite('nothing')).rejects.toThrow(/^unknown suite 'nothing'; known: /)
})
