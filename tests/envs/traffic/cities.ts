import { traffic } from '../../../envs/traffic.ts'
import { randomStream } from '../../../lib/random.ts'

export function start(given: Record<string, unknown>, size: number, frames = 0, stream = 'test/traffic') {
  const parameters = traffic.parameters.parse(given)
  const state = traffic.initial(parameters, size, randomStream(stream))
  const advance = (count = 1) => {
    for (let frame = 0; frame < count; frame++) traffic.advance(state, parameters)
  }
  advance(frames)
  return { parameters, state, advance }
}

type State = ReturnType<typeof start>['state']

export const isCar = (v: number) => v >= 0

export const sum = (values: Iterable<number>) => Array.from(values).reduce((total, value) => total + value, 0)

export const carsIn = (places: Int8Array) => places.filter(isCar).length

export const flowIn = (places: Int8Array) => sum(places.filter(isCar)) / places.length

export const streetsOf = ({ size, speed }: State) =>
  Array.from({ length: speed.length / size }, (_, street) => speed.subarray(street * size, (street + 1) * size))

export function look(state: State) {
  const frame = new Float32Array(3 * state.size ** 2)
  traffic.observe(state, frame)
  return frame
}
