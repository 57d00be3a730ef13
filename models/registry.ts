import { oneOf } from '../lib/errors.ts'
import type { Model } from './model.ts'

/**
 * Every model of the project. A new one is its file and one line here. They load when asked for, because a model's
 * file loads tfjs and a list of names must not.
 */
const loaders: Readonly<Record<string, () => Promise<Model>>> = {}

export const modelIds: readonly string[] = Object.keys(loaders)

/** @throws UserError that lists the known models, the nearest spelling first. */
export async function modelById(id: string): Promise<Model> {
  return loaders[oneOf('model', id, modelIds)]()
}
