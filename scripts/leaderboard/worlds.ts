import { oneOf } from '../../lib/errors.ts'

/** `coupled-maps` of `coupled-maps(range=3)` */
const idOf = (environment: string) => environment.replace(/\(.*$/s, '')

/** Tells whether a row is of the worlds that were asked for, by name or by id. @throws UserError for an unknown one */
export function worldFilter(
  rows: readonly { readonly environment: string }[],
  asked: readonly string[] | undefined,
): (row: { readonly environment: string }) => boolean {
  const known = [...new Set(rows.flatMap(({ environment }) => [environment, idOf(environment)]))]
  for (const name of asked ?? []) oneOf('environment of these results', name, known)
  return ({ environment }) => asked === undefined || asked.includes(environment) || asked.includes(idOf(environment))
}
