import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import util from 'node:util'
import { UserError } from '../lib/errors.ts'
import type { CompiledProgram, DataType, Engine, EngineId, Feed, Signature, TensorProgram, Value } from './engine.ts'
import { checkFeeds } from './feeds.ts'
import { missingKernel } from './missing-kernel.ts'
import { countFlops } from './onnx/flops.ts'
import type { Graph } from './onnx/graph.ts'
import { peakBytes } from './onnx/measure.ts'
import { optimise, simplifications } from './onnx/passes/index.ts'
import { record } from './onnx/trace.ts'
import * as tf from './tf.ts'

type EagerId = Exclude<EngineId, 'onnx'>

/** A tensor that stays with its backend until it is disposed of. */
interface EagerValue extends Value {
  readonly backend: EagerId
  readonly tensor: tf.Tensor
}

/** Runs `action` on a backend that is ready, and puts the previous one back. */
function onBackend<T>(backend: EagerId, action: () => T): T {
  const previous = tf.getBackend() || backend
  void tf.setBackend(backend)
  try {
    return action()
  } finally {
    void tf.setBackend(previous)
  }
}

function valueFrom(backend: EagerId, tensor: tf.Tensor): EagerValue {
  return {
    backend,
    tensor,
    shape: tensor.shape,
    dtype: tensor.dtype as DataType,
    read: () => onBackend(backend, () => tensor.dataSync() as Float32Array | Int32Array),
    dispose: () => tensor.dispose(),
  }
}

const isOwn = (feed: Feed, backend: EagerId): feed is EagerValue => 'backend' in feed && feed.backend === backend

function toTensor(backend: EagerId, feed: Feed, { shape, dtype }: Signature): tf.Tensor {
  if (isOwn(feed, backend)) return tf.reshape(feed.tensor, [...shape])
  // A copy: the cpu backend would keep the caller's array, which may be filled anew for the next run.
  return tf.tensor(('read' in feed ? feed.read() : feed).slice(), [...shape], dtype)
}

/** A recording of the program, as the onnx engine makes it; none where it cannot be recorded. */
function recorded(
  name: string,
  inputs: Readonly<Record<string, Signature>>,
  program: TensorProgram,
): Graph | undefined {
  try {
    return optimise(record(name, inputs, program), simplifications)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** @throws UserError where the backend lacks a kernel that the program uses. */
function explained<T>(id: EagerId, program: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const kernel = missingKernel(error)
    if (!kernel) throw error
    throw new UserError(`engine '${id}' lacks the tfjs kernel ${kernel}, which program '${program}' uses; try another`)
  }
}

function compile(
  id: EagerId,
  name: string,
  inputs: Readonly<Record<string, Signature>>,
  program: TensorProgram,
  onMeasured?: (bytes: number) => void,
): CompiledProgram {
  const graph = recorded(name, inputs, program)
  if (graph) onMeasured?.(peakBytes(graph))
  const runOnce = (feeds: Readonly<Record<string, Feed>>) =>
    tf.tidy(() => {
      const tensors: Record<string, tf.Tensor> = {}
      for (const [input, signature] of Object.entries(inputs)) tensors[input] = toTensor(id, feeds[input], signature)
      const outputs = Object.entries(program(tensors))
      // A copy of its own each, so that disposing of one value never takes another one or a feed along.
      return Object.fromEntries(
        outputs.map(([output, tensor]) => [output, tensor.dtype === 'bool' ? tensor.cast('int32') : tensor.clone()]),
      )
    })
  return {
    name,
    nodes: 0,
    flops: graph ? countFlops(graph) : Number.NaN,
    compileMs: 0,
    savings: [],
    async run(feeds) {
      checkFeeds(name, inputs, feeds)
      const outputs = onBackend(id, () => explained(id, name, () => runOnce(feeds)))
      return Object.fromEntries(Object.entries(outputs).map(([output, tensor]) => [output, valueFrom(id, tensor)]))
    },
    export() {
      throw new UserError(`engine '${id}' keeps no graph; export with --engine onnx`)
    },
    dispose() {},
  }
}

/** tfjs's WebAssembly backend on one thread, its binary taken from the package. */
async function loadWasm(): Promise<string> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm')
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  wasm.setWasmPaths(`${path.dirname(entry)}${path.sep}`)
  wasm.setThreadsCount(1)
  return `tfjs-backend-wasm ${wasm.version_wasm}`
}

/** tfjs-node on one thread; what it needs of Node's old `util` is put back, as Node 23 took it away. */
async function loadTensorflow(): Promise<string> {
  // Read by libtensorflow when it is loaded; it greets on stderr below log level 2.
  Object.assign(process.env, { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' })
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  })
  try {
    const require = createRequire(import.meta.url)
    const entry = pathToFileURL(require.resolve('@tensorflow/tfjs-node')).href
    const node = (await import(entry)) as { version: Readonly<Record<string, string>> }
    return `tfjs-node ${node.version['tfjs-node']}`
  } catch {
    const command = 'npm rebuild @tensorflow/tfjs-node --ignore-scripts=false'
    throw new UserError(`engine 'tensorflow' is not installed; add it with: ${command}`)
  }
}

/** Each registers its backend and gives the version of what does the arithmetic. */
const loaders: Readonly<Record<EagerId, () => Promise<string>>> = {
  cpu: async () => `tfjs-backend-cpu ${tf.version['tfjs-backend-cpu']}`,
  wasm: loadWasm,
  tensorflow: loadTensorflow,
}

/** The same programs run kernel by kernel by a backend of tfjs. @throws UserError where it is not installed. */
export async function loadEagerEngine(id: EagerId): Promise<Engine> {
  const previous = tf.getBackend()
  const version = await loaders[id]()
  if (!(await tf.setBackend(id))) throw new UserError(`engine '${id}' does not start on this machine`)
  if (previous) void tf.setBackend(previous)
  return { id, version, threads: 1, compile: async (...asked) => compile(id, ...asked) }
}
