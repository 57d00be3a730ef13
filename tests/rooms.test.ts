import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Which rooms a file of each room may import from; what models may take from the engine is a rule of its own. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  lib: ['lib'],
  envs: ['lib', 'envs'],
  engine: ['lib', 'engine'],
  models: ['lib', 'models'],
  benchmarks: ['lib', 'envs', 'engine', 'models', 'benchmarks'],
  scripts: ['lib', 'envs', 'engine', 'models', 'benchmarks', 'scripts'],
  tests: ['lib', 'envs', 'engine', 'models', 'benchmarks', 'scripts', 'tests'],
}

interface Import {
  readonly specifier: string
  /** Erased before anything runs. `import { type A }` is not: it still loads the module. */
  readonly typeOnly: boolean
}

const commentOrString = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|`(?:\\[\s\S]|[^\\`])*`|'(?:\\.|[^\\'\n])*'|"(?:\\.|[^\\"\n])*"/g
const statement = /\b(?:import|export)\b\s*(type\b\s*)?(?:[\w$*{},\s]+?\bfrom\s*)?(['"])([^'"\n]+)\2/g
const call = /\b(typeof\s+)?(?:import|require)\s*\(\s*(['"`])([^'"`\n]+)\2/g

/** All imports and re-exports of a TypeScript text: static, for types, for side effects, dynamic, `require`. */
function importsOf(text: string): Import[] {
  const code = text.replace(commentOrString, token => {
    if (token.startsWith('/')) return ' '
    // A template holds text that is no code of this file, unless it is a plain name.
    return token.startsWith('`') && /[\n'"$]/.test(token) ? '``' : token
  })
  return [statement, call].flatMap(pattern =>
    Array.from(code.matchAll(pattern), ([, type, , specifier]) => ({ specifier, typeOnly: type !== undefined })),
  )
}

/** What is wrong with the imports of one file, a line each. @param file its path from the root, with slashes. */
function violations(file: string, text: string): string[] {
  const [room] = file.split('/')
  return importsOf(text).flatMap(({ specifier, typeOnly }) => {
    if (/^@tensorflow\/tfjs(-core|-converter|-layers|-data)?(\/|$)/.test(specifier))
      return file === 'engine/tf.ts' ? [] : [`${file}: only engine/tf.ts imports ${specifier}`]
    if (!specifier.startsWith('.')) return []
    const target = posix.join(posix.dirname(file), specifier)
    const [targetRoom] = target.split('/')
    if (!(targetRoom in mayImport) || mayImport[room].includes(targetRoom)) return []
    if (room === 'models' && targetRoom === 'engine' && (typeOnly || target === 'engine/tf.ts')) return []
    return [`${file}: ${room} must not import ${target}`]
  })
}

/** A way along imports, types and later loads included, that leads from a file back to it; empty where there is none. */
function circle(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const walk = (file: string, way: readonly string[]): string[] => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file]
    if (done.has(file)) return []
    for (const target of imports.get(file) ?? []) {
      const found = walk(target, [...way, file])
      if (found.length > 0) return found
    }
    done.add(file)
    return []
  }
  for (const file of imports.keys()) {
    const found = walk(file, [])
    if (found.length > 0) return found
  }
  return []
}

const files = Object.keys(mayImport)
  .filter(room => existsSync(posix.join(root, room)))
  .flatMap(room =>
    readdirSync(posix.join(root, room), { recursive: true, encoding: 'utf8' }).map(name => `${room}/${name}`),
  )
  .map(name => name.replaceAll('\\', '/'))
  .filter(name => /\.[cm]?[jt]s$/.test(name))

describe('the rooms of this repository', () => {
  it('are found, with the imports that are known to be there', () => {
    expect(files).toContain('lib/random.ts')
    const specifiers = (file: string) =>
      importsOf(readFileSync(posix.join(root, file), 'utf8')).map(({ specifier }) => specifier)
    expect(specifiers('engine/tf.ts')).toContain('@tensorflow/tfjs')
    expect(specifiers('envs/coupled-maps.ts')).toEqual(['zod', '../lib/errors.ts', './environment.ts'])
  })

  it('import one way, down the table', () => {
    expect(files.flatMap(file => violations(file, readFileSync(posix.join(root, file), 'utf8')))).toEqual([])
  })
})

describe('imports', () => {
  it('never lead back to the file they start from', () => {
    const targets = (file: string) =>
      importsOf(readFileSync(posix.join(root, file), 'utf8'))
        .filter(({ specifier }) => specifier.startsWith('.'))
        .map(({ specifier }) => posix.join(posix.dirname(file), specifier))
    expect(circle(new Map(files.map(file => [file, targets(file)])))).toEqual([])
  })

  it('that do are named in their order', () => {
    const ways = { a: ['b'], b: ['c', 'd'], c: [], d: ['e'], e: ['c', 'b'] }
    expect(circle(new Map(Object.entries(ways)))).toEqual(['b', 'd', 'e', 'b'])
    expect(circle(new Map(Object.entries({ ...ways, e: ['c'] })))).toEqual([])
    expect(circle(new Map([['a', ['a']]]))).toEqual(['a', 'a'])
  })
})

describe('the check itself', () => {
  const from = (specifier: string) => `import { a } from '${specifier}'\n`

  it.each([
    ['lib/a.ts', '../envs/b.ts'],
    ['lib/a.ts', '../engine/tf.ts'],
    ['envs/a.ts', '../models/b.ts'],
    ['envs/a.ts', '../engine/tf.ts'],
    ['envs/a.ts', '../benchmarks/b.ts'],
    ['engine/onnx/a.ts', '../../models/b.ts'],
    ['engine/a.ts', '../envs/b.ts'],
    ['models/a.ts', '../envs/b.ts'],
    ['models/a.ts', '../engine/engine.ts'],
    ['models/layers/a.ts', '../../benchmarks/b.ts'],
    ['benchmarks/a.ts', '../scripts/b.ts'],
    ['benchmarks/a.ts', '../tests/b.ts'],
    ['scripts/a.ts', '../tests/b.ts'],
    ['models/a.ts', '@tensorflow/tfjs'],
    ['benchmarks/a.ts', '@tensorflow/tfjs-core/dist/tensor.js'],
    ['tests/a.test.ts', '@tensorflow/tfjs'],
  ])('%s must not import %s', (file, specifier) => {
    expect(violations(file, from(specifier))).toHaveLength(1)
  })

  it.each([
    ['lib/a.ts', './b.ts'],
    ['envs/a.ts', '../lib/b.ts'],
    ['engine/onnx/a.ts', '../tf.ts'],
    ['engine/tf.ts', '@tensorflow/tfjs'],
    ['engine/a.ts', '@tensorflow/tfjs-node'],
    ['models/a.ts', '../engine/tf.ts'],
    ['models/layers/a.ts', '../../lib/b.ts'],
    ['benchmarks/speed/a.ts', '../../models/b.ts'],
    ['scripts/a.ts', '../benchmarks/b.ts'],
    ['tests/envs/a.test.ts', '../../scripts/b.ts'],
    ['envs/a.ts', 'zod'],
  ])('%s may import %s', (file, specifier) => {
    expect(violations(file, from(specifier))).toEqual([])
  })

  const up = '../envs/b.ts'
  it.each([
    [`import * as b from '${up}'`],
    [`import b from "${up}"`],
    [`import b, { c } from '${up}'`],
    [`import '${up}'`],
    [`import{b}from'${up}'`],
    [`import type { B } from '${up}'`],
    [`import {\n  type B,\n  c as d,\n} from '${up}'`],
    [`export * from '${up}'`],
    [`export * as b from '${up}'`],
    [`export { c, type B } from '${up}'`],
    [`export type { B } from '${up}'`],
    [`const b = await import('${up}')`],
    [`const b = await import(\`${up}\`)`],
    [`const b = require('${up}')`],
    [`type B = typeof import('${up}')`],
    [`const glob = '**/*.ts'\nimport { b } from '${up}'\nconst other = '**/*.ts'`],
    [`const url = 'https://example.org'; import('${up}')`],
  ])('sees %j', text => {
    expect(violations('models/a.ts', text)).toHaveLength(1)
  })

  it.each([
    [`// import { b } from '${up}'`],
    [`/* like this:\n import { b } from '${up}' */`],
    [`const text = \`\nimport { b } from '${up}'\n\``],
    [`export const from = '${up}'`],
    [`const place = new URL('${up}', import.meta.url)`],
  ])('does not mistake %j for an import', text => {
    expect(violations('models/a.ts', text)).toEqual([])
  })

  it('lets models take types from the engine, and nothing but types', () => {
    const engine = '../engine/engine.ts'
    expect(violations('models/a.ts', `import type { Program } from '${engine}'`)).toEqual([])
    expect(violations('models/a.ts', `import { type Program } from '${engine}'`)).toHaveLength(1)
    expect(violations('models/a.ts', `import('${engine}')`)).toHaveLength(1)
  })
})
