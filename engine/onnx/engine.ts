import type * as ort from 'onnxruntime-node'
import type { CompiledProgram, DataType, Engine, Feed, Signature, TensorProgram, Value } from '../engine.ts'
import { checkFeeds } from '../feeds.ts'
import { countFlops } from './flops.ts'
import { sameShape } from './graph.ts'
import { peakBytes } from './measure.ts'
import { encodeModel, outputName } from './model.ts'
import { chosenPasses, type PassId, passIds, type Saving, summedSavings } from './passes/index.ts'
import { recorded } from './recorded.ts'
import { sessionOptions } from './session.ts'

/** A tensor that stays with ONNX Runtime; fed to the next run as it is. */
interface OnnxValue extends Value {
  readonly tensor: ort.Tensor
}

function valueFrom(tensor: ort.Tensor): OnnxValue {
  return {
    tensor,
    shape: tensor.dims,
    dtype: tensor.type as DataType,
    read: () => tensor.data as Float32Array | Int32Array,
    dispose: () => {},
  }
}

async function compile(
  runtime: typeof ort,
  name: string,
  inputs: Readonly<Record<string, Signature>>,
  program: TensorProgram,
  passes: readonly PassId[],
  onMeasured?: (bytes: number) => void,
): Promise<CompiledProgram> {
  const started = performance.now()
  const runs: Saving[] = []
  const { standard, graph } = recorded(name, inputs, program, passes, run => runs.push(run))
  onMeasured?.(peakBytes(graph))
  const session = await runtime.InferenceSession.create(encodeModel(graph), sessionOptions)
  const compileMs = performance.now() - started
  const outputs = [...graph.outputs.keys()].map(output => [output, outputName(graph, output)] as const)

  const toTensor = (feed: Feed, { shape, dtype }: Signature): ort.Tensor => {
    if (!('tensor' in feed && feed.tensor instanceof runtime.Tensor)) {
      return new runtime.Tensor(dtype, 'read' in feed ? feed.read() : feed, shape)
    }
    return sameShape(feed.tensor.dims, shape) ? feed.tensor : feed.tensor.reshape(shape)
  }
  return {
    name,
    nodes: graph.nodes.length,
    flops: countFlops(graph),
    compileMs,
    savings: summedSavings(runs),
    async run(feeds) {
      checkFeeds(name, inputs, feeds)
      const tensors: Record<string, ort.Tensor> = {}
      for (const [input, signature] of Object.entries(inputs)) tensors[input] = toTensor(feeds[input], signature)
      const results = await session.run(tensors)
      return Object.fromEntries(outputs.map(([output, inFile]) => [output, valueFrom(results[inFile])]))
    },
    export: options => encodeModel(standard, options),
    dispose: () => void session.release(),
  }
}

/** Programs recorded to one ONNX graph each and run by ONNX Runtime on one thread. */
export async function loadOnnxEngine(passes = chosenPasses()): Promise<Engine> {
  const runtime = await import('onnxruntime-node')
  const fewer = passes.length < passIds.length ? `, passes ${passes.join(' ') || 'none'}` : ''
  return {
    id: 'onnx',
    version: `onnxruntime-node ${runtime.env.versions.node}${fewer}`,
    threads: 1,
    compile: (name, inputs, program, onMeasured) => compile(runtime, name, inputs, program, passes, onMeasured),
  }
}
