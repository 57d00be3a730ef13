import { z } from 'zod'
import { climate } from './climate.ts'
import { defineReference } from './model.ts'

/** Predicts the mean of every place, whatever was seen. */
export const climatology = defineReference({
  id: 'climatology',
  version: 1,
  family: 'reference',
  title: 'the mean of every place',
  source: 'Murphy, Climatology, persistence, and their linear combination as standards of reference, 1992',
  options: z.strictObject({}),
  fit: climate,
  predict: (means, _observed, out) => {
    for (let start = 0; start < out.length; start += means.length) out.set(means, start)
  },
})
