import type * as ort from 'onnxruntime-node'

/**
 * One thread, one node after the other: the same input gives the same bits. ONNX Runtime's own optimiser is off: after
 * our passes it gains nothing and doubles the time that opening a session takes.
 */
export const sessionOptions: ort.InferenceSession.SessionOptions = {
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'disabled',
  logSeverityLevel: 3,
}
