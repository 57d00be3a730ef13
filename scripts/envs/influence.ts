import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Table from 'cli-table3'
import { heatMap } from '../../benchmarks/pictures/heat-map.ts'
import { encodePng } from '../../benchmarks/pictures/picture.ts'
import { environmentLabel, type Field } from '../../envs/environment.ts'
import { extents, type Influence, influence } from '../../envs/study/influence.ts'
import { type Columns, formatCsv } from '../../lib/csv.ts'
import { UserError } from '../../lib/errors.ts'
import { writeFileAtomic } from '../../lib/files.ts'
import { writeLine } from '../flags.ts'
import { labelOf, type WorldFlags, worldOf } from './world.ts'

export interface InfluenceFlags extends WorldFlags {
  readonly starts: number
  readonly out?: string
  readonly force?: true
  readonly json?: true
}

/** Large enough that what acts a cell a frame has not gone round in 16 frames. */
const usualSize = 48

/** Prints how far a world acts after 1, 4 and 16 frames, and writes the maps as <out>.csv and <out>.png. */
export async function printInfluence(id: string, flags: InfluenceFlags): Promise<void> {
  const subject = await worldOf(id, flags, usualSize)
  const { environment, parameters, size } = subject
  if (environment.recorded) throw new UserError(`${id} is a recording: nothing can be disturbed in it`)
  const name = `${environmentLabel(environment, parameters)}-${size}`.replace(/[^\w.=-]+/g, '-')
  const out = flags.out ?? join('results', 'local', 'influence', name)
  const files = { csv: `${out}.csv`, png: `${out}.png` }
  const taken = Object.values(files).find(file => flags.out !== undefined && existsSync(file))
  if (taken !== undefined && !flags.force) throw new UserError(`'${taken}' is there already; --force writes over it`)

  const measured = influence(subject, flags.starts)
  if (measured.count === 0) throw new UserError(`${id}: no cell was found in which a disturbance changes anything`)
  const rows = extents(measured).map(row => ({ ...row, allowed: allowedAfter(row.frames) }))
  function allowedAfter(frames: number): number | null {
    const reach = environment.reach?.(parameters as never, size)
    return reach === undefined || frames === 0 ? null : Math.min(reach * frames, farthest(measured.field))
  }
  writeFileAtomic(files.csv, mapCsv(measured))
  writeFileAtomic(files.png, encodePng(mapPicture(measured, labelOf(subject))))
  if (flags.json) for (const row of rows) await writeLine(JSON.stringify(row))
  else {
    const table = new Table({
      head: ['frames', '50 %', '90 %', '99 %', 'reach', 'at most', 'speed', 'strength'],
      colAligns: new Array(8).fill('right'),
      style: { head: [], border: [], compact: true },
    })
    for (const { frames, half, most, nearlyAll, reach, allowed, speed, strength } of rows) {
      const figures = [speed === null ? '–' : speed.toFixed(2), `× ${Number(strength.toPrecision(3))}`]
      table.push([frames, half, most, nearlyAll, reach, allowed ?? '–', ...figures])
    }
    const done = measured.field.likelihood === 'bernoulli' ? '1' : '0.1 standard deviations'
    await writeLine(`${labelOf(subject)}: ${measured.count} cells disturbed by ${done}\n${table}\n${legend}`)
    await writeLine(`maps: ${files.csv}, ${files.png}`)
  }
}

/** The largest distance of two cells, in rows or columns, whichever are more. */
function farthest({ height, width, boundary }: Field): number {
  const side = Math.max(height, width)
  return boundary === 'torus' ? Math.floor(side / 2) : side - 1
}

const legend = `frames after the disturbance; 0 is the disturbance itself. 50, 90, 99 %: cells within which so much of all
differences lies (rows or columns, whichever are more). reach: beyond it nothing differs. at most: what the
rule allows. speed: cells a frame by which the 90 % grew. strength: all differences, times the disturbance`

const columns = {
  frames: 'number',
  row_offset: 'number',
  column_offset: 'number',
  influence: 'number',
} satisfies Columns

/** Every displacement of every map. */
function mapCsv({ maps, columns: wide, origin }: Influence): string {
  const rows = maps.flatMap(({ frames, values }) =>
    Array.from(values, (influence, i) => ({
      frames,
      row_offset: Math.floor(i / wide) - origin.row,
      column_offset: (i % wide) - origin.column,
      influence,
    })),
  )
  return formatCsv(columns, rows)
}

/** The maps side by side; those of a 1-D world as bands that the eye can see. */
function mapPicture({ maps, rows, columns: width }: Influence, about: string) {
  const height = rows === 1 ? Math.ceil(width / 4) : rows
  const panels = maps.map(({ frames, values }) => ({
    title: frames === 1 ? '1 frame' : `${frames} frames`,
    width,
    height,
    values: rows === 1 ? Array.from({ length: height }, () => [...values]).flat() : values,
  }))
  return heatMap(panels, about)
}
