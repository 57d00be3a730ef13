import type { Saving } from './onnx/passes/index.ts'
import type { Tensor } from './tf.ts'

export type DataType = 'float32' | 'int32'

/** Shape and type of one input of a program. */
export interface Signature {
  readonly shape: readonly number[]
  readonly dtype: DataType
}

/** A tensor that lives with the engine between runs: opaque until it is read. */
export interface Value extends Signature {
  /** The values, row-major. The caller must not write to them. */
  read(): Float32Array | Int32Array
  /** Gives the memory back; needed only by eager engines, harmless elsewhere. */
  dispose(): void
}

export type Feed = Value | Float32Array | Int32Array

/**
 * An ordinary function of tfjs tensors: named inputs to named outputs, gradients and optimiser included. It must be
 * pure: no `dataSync`, no variables, no shape that depends on data.
 */
export type TensorProgram = (inputs: Record<string, Tensor>) => Record<string, Tensor>

/** What an exported file holds beside the graph. */
export interface ExportOptions {
  /** Values of inputs that become constants of the file, under the inputs' names. */
  readonly constants?: Readonly<Record<string, Float32Array | Int32Array>>
  /** Whatever a reader of the file must know, by name. */
  readonly metadata?: Readonly<Record<string, string>>
}

/** A program made ready for one engine and one set of shapes. */
export interface CompiledProgram {
  readonly name: string
  /** Nodes of the graph that runs; 0 where the engine keeps none. */
  readonly nodes: number
  /**
   * Multiplications and additions of all matrix products and convolutions of one run (2·m·k·n each). NaN where an eager
   * engine runs what cannot be recorded.
   */
  readonly flops: number
  /** Milliseconds spent recording, optimising and opening the session. */
  readonly compileMs: number
  /** What each pass over the graph took off; none where the engine keeps no graph. */
  readonly savings: readonly Saving[]
  /** Runs once. @throws UserError where a feed is missing, unknown or of the wrong length. */
  run(feeds: Record<string, Feed>): Promise<Record<string, Value>>
  /**
   * The graph as the bytes of an ONNX file. @throws UserError from an engine that has no graph, and for constants that
   * are not inputs or do not fit them.
   */
  export(options?: ExportOptions): Uint8Array
  dispose(): void
}

/** Runs tensor programs. `id` is what `--engine` takes. */
export interface Engine {
  readonly id: EngineId
  /** Version of the library that does the arithmetic. */
  readonly version: string
  readonly threads: number
  /**
   * `onMeasured` is told the bytes of tensors that are alive at once where that is most, before anything of that size
   * is there; what it throws ends the compilation. An engine that cannot record the program does not call it.
   */
  compile(
    name: string,
    inputs: Record<string, Signature>,
    program: TensorProgram,
    onMeasured?: (bytes: number) => void,
  ): Promise<CompiledProgram>
}

export const engineIds = ['onnx', 'tensorflow', 'wasm', 'cpu'] as const
export type EngineId = (typeof engineIds)[number]
