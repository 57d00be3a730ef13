import Table from 'cli-table3'
import { environments } from '../../envs/registry.ts'
import { writeLine } from '../flags.ts'
import { defaultsOf } from './world.ts'

/** Letters in a line of a source: most DOIs fit, and those that do not are broken, where the table would cut them. */
const SOURCE = 33
const brokenDois = (source: string) => source.replace(new RegExp(`\\S{${SOURCE}}(?=\\S)`, 'g'), '$&\n')

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
    colWidths: [Math.max(...rows.map(row => row.id.length)) + 2, 14, 12, 21, SOURCE + 1],
    wordWrap: true,
    style: { head: [], border: [] },
  })
  for (const row of rows) table.push([row.id, row.range, row.likelihood, row.parameters, brokenDois(row.source)])
  await writeLine(table.toString())
}
