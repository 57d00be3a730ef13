import { z } from 'zod'
import { defineEnvironment, type Environment, type Field } from '../../../envs/environment.ts'
import { type Noise, nextNormal, noiseFrom } from '../../../lib/noise.ts'

interface Line {
  readonly x: Float64Array
  readonly noise: Noise
}

/** A line of numbers under a law that is written down in a test, so that everything about it is known. */
export function lineUnder(
  law: (x: Float64Array, noise: () => number) => void,
  change: Partial<Field> = {},
): Environment {
  return defineEnvironment<z.ZodObject, Line>({
    id: 'line',
    version: 1,
    title: 'a line under a known law',
    source: 'none',
    range: 'known',
    parameters: z.object({}),
    field: (_parameters, size) => ({
      height: 1,
      width: size,
      channels: [{ name: 'x', unit: '1' }],
      likelihood: 'gaussian',
      boundary: 'torus',
      dt: 1,
      burnIn: 50,
      ...change,
    }),
    initial: (_parameters, size, random) => ({
      x: Float64Array.from({ length: size }, () => random.normal()),
      noise: noiseFrom(random),
    }),
    advance: ({ x, noise }) => law(x, () => nextNormal(noise)),
    observe: ({ x }, out) => out.set(x),
    perturb: ({ x }, _row, column, amount) => {
      x[column] += amount
    },
    shifts: {},
  }) as unknown as Environment
}
