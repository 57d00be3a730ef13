import { drawDocument } from './document.ts'
import { dotPanels } from './dot-panels.ts'
import { skill } from './numbers.ts'
import { ink } from './palette.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { intervalNote, namesAmong, ofMainBudget, type Published, scored, worldsOf } from './published.ts'

function draw(published: Published): Drawing | null {
  const rows = scored(ofMainBudget(published.board)).filter(
    ({ condition, family }) => condition === 'filter' && family !== 'reference',
  )
  if (!rows.some(({ scrambled }) => scrambled)) return null
  const nameOf = namesAmong(rows)
  const columns = [...new Set(rows.map(nameOf))].sort()
  const score = (world: string, name: string, scrambled: boolean) =>
    rows.find(row => row.environment === world && nameOf(row) === name && row.scrambled === scrambled)?.score
  /** What a model loses in a world where tiles are scrambled; undefined where it was not measured in both. */
  const lost = (world: string, name: string) => {
    const [plain, hidden] = [score(world, name, false), score(world, name, true)]
    return plain == null || hidden == null ? undefined : plain - hidden
  }
  const greatest = (world: string) => Math.max(...columns.map(name => lost(world, name) ?? -Infinity))
  const worlds = worldsOf(rows).sort((a, b) => greatest(b) - greatest(a) || (a < b ? -1 : 1))
  const points = rows.map(row => ({
    ...{ row: row.environment, column: nameOf(row), family: row.family, hollow: row.scrambled },
    ...{ value: row.score!, low: row.score_low, high: row.score_high },
  }))
  const { panels, height } = dotPanels({
    ...{ points, rows: worlds, columns, across: Math.min(4, columns.length), pitch: 22, joined: true },
    colourOf: () => ink,
  })
  const means = columns.flatMap(name => {
    const own = worlds.flatMap(world => lost(world, name) ?? [])
    return own.length > 0 ? [`${name} ${skill(own.reduce((sum, value) => sum + value, 0) / own.length)}`] : []
  })
  const caption = `Skill lost where tiles are scrambled, the plain mean over worlds: ${means.join(', ')}.`
  const title = 'What the neighbourhood is worth: every world plain and scrambled'
  const subtitle = [
    `Skill one frame ahead: 0 = calibrated persistence, 1 = perfect; ${intervalNote(published)}.`,
    'Worlds in the order of the greatest loss of any model.',
  ]
  const families = rows.map(({ family }) => family)
  const key = '● plain   ○ tiles scrambled: the neighbourhood is hidden'
  return { caption, svg: drawDocument({ title, subtitle, caption, families, key, panels, height }) }
}

export const scrambledPlot: PlotOfSuite = { name: 'scrambled', suite: 'scrambled', draw }
