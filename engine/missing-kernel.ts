/** The kernel that tfjs says its current backend lacks; nothing for any other error. */
export function missingKernel(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return /Kernel '(\w+)' not registered for backend/.exec(error.message)?.[1]
}
