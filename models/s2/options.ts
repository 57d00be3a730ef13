import { z } from 'zod'
import type { TaskShape } from '../model.ts'
import { moduleLattice } from '../topologies/lattice.ts'

/** Options of every spatially structured network; a variant extends them by its own. */
export const structure = z.strictObject({
  width: z.int().min(1).default(24).describe('hidden units of a module (H)'),
  block: z.int().min(1).default(1).describe('tiles along each side of the square that a module stands for'),
  heads: z.int().min(1).default(2).describe('heads of both attentions'),
  headSize: z.int().min(1).default(8).describe('numbers in a key and in a value of one head'),
  embedding: z.int().min(1).default(48).describe('hidden units of the view encoder (E)'),
  decoder: z.int().min(1).default(64).describe('hidden units of the decoder'),
})
export type Structure = z.output<typeof structure>

/** Options of points on a sphere. `epsilon` is where the learned sharpness of the kernel starts. */
export const sphereOptions = (epsilon: number) => ({
  dimension: z.int().min(2).default(16).describe('D: learned points live on the unit sphere S^(D−1)'),
  epsilon: z.number().positive().default(epsilon).describe('where the learned sharpness of the kernel starts'),
  threshold: z.number().min(-1).max(1).default(-1).describe('cosine τ below which nothing acts; −1 cuts nothing off'),
})

export const placementOption = z
  .int()
  .min(1)
  .default(64)
  .describe('hidden units of the map from positions to the sphere')

export function moduleCount({ lattice }: TaskShape, { block }: Pick<Structure, 'block'>): number {
  const { rows, columns } = moduleLattice(lattice, block)
  return rows * columns
}

/** Numbers that a module hears, and sees: all heads' values together. */
export const attendedSize = ({ heads, headSize }: Pick<Structure, 'heads' | 'headSize'>): number => heads * headSize
