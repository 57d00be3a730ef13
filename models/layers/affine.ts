import type { Tensor } from '../../engine/tf.ts'
import type { Initialiser, ParameterSpecs, Parameters } from '../model.ts'
import { dense, denseSpecs, moduleDense, moduleDenseSpecs } from './dense.ts'

/** Affine maps by name, x [..., inputs] → [..., outputs]: what a layer asks for where it does not care who shares them. */
export interface Affine {
  specs(name: string, inputs: number, outputs: number, bias?: Initialiser): ParameterSpecs
  apply(p: Parameters, name: string, x: Tensor): Tensor
}

/** One map for all. */
export const sharedMaps: Affine = { specs: denseSpecs, apply: dense }

/** A map of its own for each of the M entries of the first axis. */
export const moduleMaps = (modules: number): Affine => ({
  specs: (name, inputs, outputs, bias) => moduleDenseSpecs(name, modules, inputs, outputs, bias),
  apply: moduleDense,
})
