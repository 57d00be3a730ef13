import { skillAxis } from './axes.ts'
import { drawDocument } from './document.ts'
import { linePanel } from './line-panel.ts'
import { withRange } from './numbers.ts'
import type { Drawing, PlotOfSuite } from './plot.ts'
import { intervalNote, namesAmong, ofMainBudget, oracleNote, type Published, scored, worldsOf } from './published.ts'

const [width, height] = [344, 250]

function draw(published: Published): Drawing | null {
  const rows = scored(ofMainBudget(published.board)).filter(row => row.condition === 'blind' && !row.scrambled)
  const worlds = worldsOf(rows)
  if (worlds.length === 0) return null
  const nameOf = namesAmong(rows)
  const values = rows.flatMap(({ score, score_low, score_high }) => [score!, score_low ?? score!, score_high ?? score!])
  const horizons = [...new Set(rows.map(({ horizon }) => horizon!))].sort((a, b) => a - b)
  const every = Math.ceil(horizons.length / 7)
  const x = {
    label: 'frames after the last one seen',
    domain: [horizons[0], horizons.at(-1)!],
    ticks: horizons.filter((_, i) => i % every === 0),
    format: String,
  } as const
  const panels = worlds.map((title, i) =>
    linePanel({
      ...{ title, x, y: skillAxis(values), width, height },
      points: rows
        .filter(({ environment }) => environment === title)
        .map(row => ({
          ...{ line: nameOf(row), family: row.family, x: row.horizon! },
          ...{ y: row.score!, low: row.score_low, high: row.score_high },
        })),
      left: 16 + (i % 2) * width,
      top: Math.floor(i / 2) * height,
      rule: 0,
    }),
  )
  const last = horizons.at(-1)!
  const leaders = worlds.flatMap(world => {
    const own = rows.filter(row => row.environment === world && row.horizon === last && row.family !== 'reference')
    if (own.length === 0) return []
    const best = own.reduce((a, b) => (b.score! > a.score! ? b : a))
    return [`${world} ${nameOf(best)} ${withRange(best.score!, best.score_low, best.score_high)}`]
  })
  const caption = `The best of those trained ${last} frames after the last one seen: ${leaders.join(', ')}.`
  const title = 'Long forecasts: skill by how far ahead, after four frames of the whole field'
  const subtitle = [
    `Skill: 0 = calibrated persistence (black line), 1 = perfect; ${intervalNote(published)}.${oracleNote(rows)}`,
  ]
  const families = rows.map(({ family }) => family)
  return {
    caption,
    svg: drawDocument({ title, subtitle, caption, families, panels, height: Math.ceil(worlds.length / 2) * height }),
  }
}

export const rolloutPlot: PlotOfSuite = { name: 'rollout', suite: 'rollout', draw }
