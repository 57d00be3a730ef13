import type { Engine, EngineId } from './engine.ts'

/**
 * Opens the engine of that name; its libraries are loaded only then.
 * @throws UserError where the engine is not installed.
 */
export async function loadEngine(id: EngineId): Promise<Engine> {
  if (id === 'onnx') return (await import('./onnx/engine.ts')).loadOnnxEngine()
  return (await import('./eager.ts')).loadEagerEngine(id)
}
