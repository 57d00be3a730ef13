import { UserError } from '../../lib/errors.ts'
import type { Signature, TensorProgram } from '../engine.ts'
import { missingKernel } from '../missing-kernel.ts'
import * as tf from '../tf.ts'
import { cast, constant, emit, type GraphBuilder, newBuilder } from './build.ts'
import type { ConstantData, ElementType, Graph, GraphValue } from './graph.ts'
import { fileFor, lowerings } from './lowerings/index.ts'
import type { Lowering } from './lowerings/lowering.ts'

const backendName = 'trace'

type KernelInputs = Readonly<Record<string, tf.TensorInfo>>

function constantData(values: tf.backend_util.BackendValues, dtype: tf.DataType): ConstantData {
  if (dtype === 'float32') return new Float32Array(values as Float32Array)
  if (dtype === 'int32') return new Int32Array(values as Int32Array)
  if (dtype === 'bool') return new Uint8Array(values as Uint8Array)
  throw new UserError(`tensors of type ${dtype} cannot be recorded; use float32, int32 or bool`)
}

/** A tfjs backend that computes nothing: every kernel call becomes nodes of the graph being built. */
class TraceBackend extends tf.KernelBackend {
  builder: GraphBuilder = newBuilder()
  private values = new WeakMap<object, GraphValue>()

  /** Forgets the last recording. */
  reset(): void {
    this.builder = newBuilder()
    this.values = new WeakMap()
  }

  /** A tfjs tensor that stands for a value of the graph. */
  placeholder(value: GraphValue): tf.TensorInfo {
    const dataId = {}
    this.values.set(dataId, value)
    return { dataId, shape: [...value.shape], dtype: value.type as tf.DataType }
  }

  /** The value that a tensor stands for; a tensor made before the recording becomes a constant. */
  graphValue({ dataId, shape, dtype }: tf.TensorInfo): GraphValue {
    const known = this.values.get(dataId)
    if (known) return known
    const made = constant(this.builder, constantData(tf.engine().readSync(dataId), dtype), shape, dtype as ElementType)
    this.values.set(dataId, made)
    return made
  }

  lower(lowering: Lowering, inputs: KernelInputs, attributes: unknown): tf.TensorInfo | tf.TensorInfo[] {
    const values: Record<string, GraphValue> = {}
    for (const [name, input] of Object.entries(inputs)) if (input) values[name] = this.graphValue(input)
    const outputs = lowering(this.builder, values, attributes ?? {})
    return Array.isArray(outputs)
      ? outputs.map(output => this.placeholder(output))
      : this.placeholder(outputs as GraphValue)
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId {
    return this.placeholder(constant(this.builder, constantData(values, dtype), shape, dtype as ElementType)).dataId
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const data = this.values.get(dataId)?.data
    if (data && !(data instanceof BigInt64Array)) return data
    throw new UserError('a recorded program must not read values (dataSync, data, print): they exist only when it runs')
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId)
  }

  override disposeData(dataId: object): boolean {
    this.values.delete(dataId)
    return true
  }

  override incRef(): void {}

  override refCount(): number {
    return 1
  }

  override numDataIds(): number {
    return 0
  }

  override memory() {
    return { unreliable: true }
  }

  override floatPrecision(): 32 {
    return 32
  }

  override dispose(): void {
    this.reset()
  }
}

let registered: TraceBackend | undefined

function traceBackend(): TraceBackend {
  if (registered) return registered
  const backend = new TraceBackend()
  // Priority 0: tfjs must never choose it by itself.
  tf.registerBackend(backendName, () => backend, 0)
  for (const [kernelName, lowering] of Object.entries(lowerings)) {
    const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => backend.lower(lowering, inputs as KernelInputs, attrs)
    tf.registerKernel({ kernelName, backendName, kernelFunc })
  }
  registered = backend
  return backend
}

function explained(error: unknown, program: string): unknown {
  const kernel = missingKernel(error)
  if (!kernel) return error
  return new UserError(
    `program '${program}' uses the tfjs kernel ${kernel}, which has no lowering to ONNX; add one to ${fileFor(kernel)}`,
  )
}

/**
 * Runs a program once on placeholders and gives the graph of what it would do, gradients included.
 * Everything happens before it returns; tfjs's backend is the same afterwards as before.
 * @throws UserError where a kernel has no lowering, or where the program reads values.
 */
export function record(name: string, signatures: Readonly<Record<string, Signature>>, program: TensorProgram): Graph {
  const backend = traceBackend()
  const previous = tf.getBackend() || 'cpu'
  const inputs = new Map<string, GraphValue>()
  const outputs = new Map<string, GraphValue>()
  // A backend that is already there is set before the call returns.
  void tf.setBackend(backendName)
  backend.reset()
  try {
    tf.tidy(() => {
      const placeholders: Record<string, tf.Tensor> = {}
      for (const [input, { shape, dtype }] of Object.entries(signatures)) {
        const value: GraphValue = { shape, type: dtype }
        inputs.set(input, value)
        placeholders[input] = tf.engine().makeTensorFromTensorInfo(backend.placeholder(value))
      }
      for (const [output, tensor] of Object.entries(program(placeholders))) {
        const value = backend.graphValue(tensor)
        outputs.set(output, value.type === 'bool' ? cast(backend.builder, value, 'int32') : value)
      }
    })
    return { name, inputs, outputs: separate(backend.builder, inputs, outputs), nodes: backend.builder.nodes }
  } catch (error) {
    throw explained(error, name)
  } finally {
    backend.reset()
    void tf.setBackend(previous)
  }
}

/** ONNX wants every output to be made by a node, and each by its own. */
function separate(
  builder: GraphBuilder,
  inputs: ReadonlyMap<string, GraphValue>,
  outputs: ReadonlyMap<string, GraphValue>,
): Map<string, GraphValue> {
  const taken = new Set(inputs.values())
  return new Map(
    [...outputs].map(([name, value]) => {
      const free = !taken.has(value) && !value.data
      const own = free ? value : emit(builder, 'Identity', [value], value.shape, value.type)
      taken.add(own)
      return [name, own]
    }),
  )
}
