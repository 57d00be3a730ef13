import type { z } from 'zod'
import { UserError } from '../../lib/errors.ts'

/** Says of every mistake of the person where it was made: `<place>: <what is wrong>`. */
export async function within<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${place}: ${error.message}`) : error
  }
}

/** What zod says first, in one line, after the place: `tasks.0.size`. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  const place = issue.path.join('.')
  return place === '' ? issue.message : `'${place}': ${issue.message}`
}
