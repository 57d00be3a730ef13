import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFlops } from './flops.ts'
import { bytesOf, type Graph, type GraphNode } from './graph.ts'
import { encodeModel } from './model.ts'
import { sessionOptions } from './session.ts'

/** All nodes of one operator, taken together. */
export interface OperatorCost {
  readonly operator: string
  /** '' is ONNX itself. */
  readonly domain: GraphNode['domain']
  readonly nodes: number
  /** As `CompiledProgram.flops`. */
  readonly flops: number
  /** Bytes that they write. */
  readonly bytes: number
  /** Milliseconds that they take in one run, the median over runs. */
  readonly milliseconds: number
}

/** What ONNX Runtime writes for one node of one run. */
interface NodeEvent {
  readonly cat: string
  readonly name: string
  /** Whole microseconds. */
  readonly dur: number
  readonly args: { readonly node_index: string }
}

/**
 * Runs a graph `runs` times on the same inputs, after once to warm up, and adds up by operator what its nodes took by
 * ONNX Runtime's own clock. Longest first. The clock drops what is less than a microsecond of each node.
 */
export async function profileGraph(
  graph: Graph,
  feeds: Readonly<Record<string, Float32Array | Int32Array>>,
  runs: number,
): Promise<OperatorCost[]> {
  const times = await nodeTimes(graph, feeds, runs + 1)
  const groups = new Map<string, number[]>()
  graph.nodes.forEach(({ domain, op }, node) => {
    const name = `${domain} ${op}`
    groups.set(name, [...(groups.get(name) ?? []), node])
  })
  const costs = [...groups.values()].map((members): OperatorCost => {
    const nodes = members.map(node => graph.nodes[node])
    const microseconds = times.slice(1).map(run => sum(members, node => run[node]))
    return {
      operator: nodes[0].op,
      domain: nodes[0].domain,
      nodes: nodes.length,
      flops: sum(nodes, nodeFlops),
      bytes: sum(nodes, node => sum(node.outputs, bytesOf)),
      milliseconds: median(microseconds) / 1000,
    }
  })
  return costs.sort((a, b) => b.milliseconds - a.milliseconds)
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number) =>
  items.reduce((total, item) => total + of(item), 0)

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** Microseconds of every node in each of `runs` runs. */
async function nodeTimes(
  graph: Graph,
  feeds: Readonly<Record<string, Float32Array | Int32Array>>,
  runs: number,
): Promise<Float64Array[]> {
  const runtime = await import('onnxruntime-node')
  const folder = mkdtempSync(join(tmpdir(), 'profile-'))
  try {
    const session = await runtime.InferenceSession.create(encodeModel(graph), {
      ...sessionOptions,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'run'),
    })
    const tensors = Object.fromEntries(
      [...graph.inputs].map(([name, { shape, type }]) => [
        name,
        new runtime.Tensor(type as 'float32' | 'int32', feeds[name], shape),
      ]),
    )
    for (let run = 0; run < runs; run++) await session.run(tensors)
    session.endProfiling()
    await session.release()
    const [file] = readdirSync(folder)
    return readTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')), graph.nodes.length)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function readTimes(events: readonly NodeEvent[], nodes: number): Float64Array[] {
  const runs: Float64Array[] = []
  let current = new Float64Array(nodes)
  for (const { cat, name, dur, args } of events) {
    if (cat === 'Node' && name.endsWith('_kernel_time')) current[Number(args.node_index)] += dur
    if (name !== 'model_run') continue
    runs.push(current)
    current = new Float64Array(nodes)
  }
  return runs
}
