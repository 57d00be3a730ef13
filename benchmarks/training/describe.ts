import type { Engine, Feed } from '../../engine/engine.ts'
import type { NamedArrays } from '../../lib/safetensors.ts'
import type { Network, TrainedModel } from '../../models/model.ts'
import { parameterSignature } from './training-step.ts'

/** What a trained network says of its places; null where it learns none. */
export async function describeTrained(
  engine: Engine,
  model: TrainedModel,
  network: Network,
  parameters: Readonly<Record<string, Feed>>,
): Promise<NamedArrays | null> {
  const { describe } = network
  if (describe === undefined) return null
  const program = await engine.compile(`${model.id}.describe`, parameterSignature(network), inputs =>
    describe(Object.fromEntries(Object.keys(network.parameters).map(name => [name, inputs[`p/${name}`]]))),
  )
  const feeds = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`p/${name}`, value]))
  const described = await program.run(feeds)
  program.dispose()
  return Object.fromEntries(
    Object.entries(described).map(([name, value]) => {
      const copy = { shape: value.shape, values: Float32Array.from(value.read()) }
      value.dispose()
      return [name, copy]
    }),
  )
}
