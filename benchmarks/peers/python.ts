import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { UserError } from '../../lib/errors.ts'

/** What `peer.py` takes as its argument. */
export const pythonPeers = ['torch', 'torch-compiled', 'jax'] as const
export type PythonPeer = (typeof pythonPeers)[number]

/** A first step, which compiles where the framework does. */
export interface Loaded {
  readonly version: string
  readonly loss: number
  readonly compileMs: number
  readonly compileCpuMs: number
}

/** A number for every step. */
export interface Steps {
  readonly losses: readonly number[]
  readonly ms: readonly number[]
  readonly cpuMs: readonly number[]
}

/** A Python process that holds one framework and takes steps when it is asked to. */
export interface PythonProcess {
  /** @throws UserError where the framework is not there or does not know the step */
  load(file: string, setting: Readonly<Record<string, unknown>>): Promise<Loaded>
  run(steps: number): Promise<Steps>
  close(): void
}

const script = fileURLToPath(new URL('peer.py', import.meta.url))

/** The last line that a process said before it went silent. */
const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? ''

async function ask<Answer>(
  child: ChildProcessWithoutNullStreams,
  lines: AsyncIterator<string>,
  order: object,
  complaints: () => string,
): Promise<Answer> {
  child.stdin.write(`${JSON.stringify(order)}\n`)
  const { value, done } = await lines.next()
  if (done) throw new UserError(lastLine(complaints()) || 'the Python process ended')
  const answer = JSON.parse(value) as Answer & { error?: string }
  if (answer.error !== undefined) throw new UserError(lastLine(answer.error))
  return answer
}

export function startPython(python: string, peer: PythonPeer): PythonProcess {
  const child = spawn(python, [script, peer], { stdio: 'pipe' })
  let complaints = ''
  child.on('error', error => {
    complaints += error.message
  })
  child.stderr.on('data', text => {
    complaints += text
  })
  // A process that is gone is noticed by its silence.
  child.stdin.on('error', () => {})
  const reader: Interface = createInterface({ input: child.stdout })
  const lines = reader[Symbol.asyncIterator]()
  const order = <Answer>(what: object) => ask<Answer>(child, lines, what, () => complaints)
  return {
    load: (file, setting) => order<Loaded>({ load: file, setting }),
    run: steps => order<Steps>({ steps }),
    close: () => {
      child.stdin.end()
      child.kill()
    },
  }
}
