import { oneOf } from '../lib/errors.ts'
import type { Model } from './model.ts'

/**
 * Every model of the project. A new one is its file and one line here. They load when asked for, because a model's
 * file loads tfjs and a list of names must not.
 */
const loaders: Readonly<Record<string, () => Promise<Model>>> = {
  persistence: async () => (await import('./persistence.ts')).persistence,
  climatology: async () => (await import('./climatology.ts')).climatology,
  'linear-extrapolation': async () => (await import('./linear-extrapolation.ts')).linearExtrapolation,
  'time-traveller': async () => (await import('./time-traveller.ts')).timeTraveller,
  lstm: async () => (await import('./lstm.ts')).lstm,
  gru: async () => (await import('./gru.ts')).gru,
  rmc: async () => (await import('./rmc.ts')).rmc,
  rims: async () => (await import('./rims.ts')).rims,
  gqn: async () => (await import('./gqn.ts')).gqn,
  transformer: async () => (await import('./transformer.ts')).transformer,
  fno: async () => (await import('./fno.ts')).fno,
  'conv-gru': async () => (await import('./conv-gru.ts')).convGru,
  'conv-lstm': async () => (await import('./conv-lstm.ts')).convLstm,
  'dilated-resnet': async () => (await import('./dilated-resnet.ts')).dilatedResnet,
  unet: async () => (await import('./unet.ts')).unet,
  nca: async () => (await import('./nca.ts')).nca,
  's2gru-self': async () => (await import('./s2gru.ts')).s2gruSelf,
  's2gru-local': async () => (await import('./s2gru.ts')).s2gruLocal,
  's2gru-links': async () => (await import('./s2gru.ts')).s2gruLinks,
  's2gru-global': async () => (await import('./s2gru.ts')).s2gruGlobal,
  's2gru-table': async () => (await import('./s2gru.ts')).s2gruTable,
  's2gru-flat': async () => (await import('./s2gru.ts')).s2gruFlat,
  's2gru-bounds': async () => (await import('./s2gru-bounds.ts')).s2gruBounds,
  's2gru-levels': async () => (await import('./s2gru-levels.ts')).s2gruLevels,
  's2gru-hierarchy': async () => (await import('./s2gru-hierarchy.ts')).s2gruHierarchy,
  's2gru-continuum': async () => (await import('./s2gru-continuum.ts')).s2gruContinuum,
  's2gru-priced': async () => (await import('./s2gru-priced.ts')).s2gruPriced,
  's2gru-tied': async () => (await import('./s2gru-tied.ts')).s2gruTied,
  s2gru: async () => (await import('./s2gru.ts')).s2gru,
  s2rmc: async () => (await import('./s2rmc.ts')).s2rmc,
}

export const modelIds: readonly string[] = Object.keys(loaders)

/** @throws UserError that lists the known models, the nearest spelling first. */
export async function modelById(id: string): Promise<Model> {
  return loaders[oneOf('model', id, modelIds)]()
}
