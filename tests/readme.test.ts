import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import type { CellSpec } from '../benchmarks/cell.ts'
import { ring } from '../benchmarks/suites/quick.ts'
import { fitScale, generateEpisodes, standardise } from '../benchmarks/task/episodes.ts'
import { createTask, taskShape } from '../benchmarks/task/task.ts'
import { train } from '../benchmarks/training/training.ts'
import { loadEngine } from '../engine/index.ts'
import { type Environment, parseParameters } from '../envs/environment.ts'
import { environmentById } from '../envs/registry.ts'
import { checkRule, contractRules } from '../envs/study/check.ts'
import { randomStream } from '../lib/random.ts'
import { fitWidth } from '../models/fit-width.ts'
import type { TrainedModel } from '../models/model.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const root = new URL('..', import.meta.url).pathname
const scratch = mkdtempSync(join(root, 'tests', '.readme-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** Loads the README's example of a file: the code block that begins with its path. */
async function example(path: string): Promise<Record<string, unknown>> {
  const code = readme.match(new RegExp(`\`\`\`ts\\n(// ${path}[^]*?)\`\`\``))?.[1]
  if (code === undefined) throw new Error(`the README has no example ${path}`)
  const folder = path.split('/')[0]
  const moved = code.replaceAll("from '../", "from '../../").replaceAll("from './", `from '../../${folder}/`)
  const file = join(scratch, path.replace('/', '-'))
  writeFileSync(file, moved)
  return import(pathToFileURL(file).href)
}

describe('the README', () => {
  it('shows a world that keeps the whole contract', async () => {
    const { heat } = (await example('envs/heat.ts')) as { heat: Environment }
    const parameters = parseParameters(heat, {})
    const subject = { environment: heat, parameters, size: 24 }
    for (const rule of contractRules) expect(checkRule(rule, subject).reason, rule).toBe('')
  })

  it('shows a world whose Fourier modes decay as the scheme says, by 1 − 4κ·sin²(π/n) a sub-step and axis', async () => {
    const { heat } = (await example('envs/heat.ts')) as { heat: Environment }
    const size = 16
    const state = heat.initial({ diffusivity: 0.2 }, size, randomStream('heat')) as { u: Float64Array }
    state.u.forEach((_, i) => {
      state.u[i] = Math.cos((2 * Math.PI * (i % size)) / size)
    })
    heat.advance(state, { diffusivity: 0.2 })
    expect(state.u[0]).toBeCloseTo(1 - 4 * 0.2 * Math.sin(Math.PI / size) ** 2, 12)
  })

  it('shows a model that fits a budget and learns', async () => {
    const { tileGru } = (await example('models/tile-gru.ts')) as { tileGru: TrainedModel }
    const plan = ring(0)
    const parameters = parseParameters(environmentById(plan.environment), plan.parameters ?? {})
    const task = createTask({ ...plan, parameters: parameters as CellSpec['parameters'] })
    const shape = taskShape(task, 8, task.tiles, task.tiles)
    const { network } = fitWidth(tileGru, shape, {}, 6000)
    const data = generateEpisodes(task, 'train', 64)
    standardise(fitScale(task, data), data.values)
    const budget = { kind: 'steps' as const, parameters: 6000, steps: 150, batch: 8, learningRate: 4e-3 }
    const engine = await loadEngine('onnx')
    const { losses } = await train({ engine, task, model: tileGru, network, budget, seed: 0, data })
    expect(losses[0]).toBeGreaterThan(0.5)
    expect(losses[149]).toBeLessThan(0.1 * losses[0])
  })

  it('names every file that a run writes, and every command that exists', () => {
    for (const name of ['runs.csv', 'episodes.csv', 'cells.csv', 'timings.csv', 'leaderboard.csv', 'costs.csv'])
      expect(readme).toContain(name)
    const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts as Record<string, string>
    for (const [, name] of readme.matchAll(/npm run (?:-s )?([a-z:]+)/g)) expect(Object.keys(scripts)).toContain(name)
  })
})
