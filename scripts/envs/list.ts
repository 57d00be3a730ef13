import Table from 'cli-table3'
import { environments } from '../../envs/registry.ts'
import { writeLine } from '../flags.ts'
import { defaultsOf } from './world.ts'

/** The width of a column that holds the longest of these words. */
const longest = (words: readonly string[]) => Math.max(...words.map(word => word.length)) + 2

/** All worlds of the registry, one a row. */
export async function list({ json }: { json?: true }): Promise<void> {
  const rows = environments.map(environment => {
    const { id, version, range, parameters, source } = environment
    const { likelihood, boundary } = environment.field(parameters.parse({}), 24)
    return { id, version, range, likelihood, boundary, parameters: defaultsOf(environment), source }
  })
  if (json) return writeLine(JSON.stringify(rows))
  const table = new Table({
    head: ['id', 'range', 'likelihood', 'parameters', 'source'],
    // Ids and DOIs are one word, and are shown whole.
    colWidths: [longest(rows.map(row => row.id)), 17, 12, 24, longest(rows.flatMap(row => row.source.split(' ')))],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const row of rows) table.push([row.id, row.range, row.likelihood, row.parameters, row.source])
  await writeLine(table.toString())
}
