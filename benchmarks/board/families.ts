import { modelById, modelIds } from '../../models/registry.ts'

/**
 * The family of every model of the registry. With the models it loads tfjs: only for commands that hold rows against
 * it, not for those that print them.
 */
export const modelFamilies: ReadonlyMap<string, string> = new Map(
  await Promise.all(modelIds.map(async id => [id, (await modelById(id)).family] as const)),
)
