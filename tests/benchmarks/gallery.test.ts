import { readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { drawExhibit, galleryTable, MOST_BYTES, withGallery } from '../../benchmarks/pictures/gallery.ts'
import { coupledMaps } from '../../envs/coupled-maps.ts'
import { defineEnvironment } from '../../envs/environment.ts'
import { life } from '../../envs/life.ts'
import { environments } from '../../envs/registry.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'
import { decodeGif } from './decode-gif.ts'

const path = (name: string) => new URL(`../../${name}`, import.meta.url)

describe('the gallery of this repository', () => {
  const readme = readFileSync(path('README.md'), 'utf8')

  test.each(environments.map(({ id }) => [id]))('the README shows %s, in 200 kB at most', id => {
    const [, file] = new RegExp(`<img src="(results/gallery/${id}\\.(?:gif|png))"`).exec(readme) ?? []
    expect(file).toBeDefined()
    const { size } = statSync(path(file))
    expect(size).toBeGreaterThan(100)
    expect(size).toBeLessThanOrEqual(200_000)
  })

  test('the README is what `npm run gallery` makes of it', () => {
    expect(withGallery(readme, galleryTable(environments, 'results/gallery'))).toBe(readme)
  })

  test('drawing life again gives the same bytes', () => {
    const { file, bytes } = drawExhibit(life)
    expect(Buffer.from(bytes).equals(readFileSync(path(`results/gallery/${file}`)))).toBe(true)
  })
})

describe('a picture of the gallery', () => {
  const small = (size: number) => {
    if (size !== 48) throw new UserError('48 only')
    return life.field(life.parameters.parse({}), size)
  }

  test('is drawn at the first size that the world takes', () => {
    const { size, bytes } = drawExhibit(defineEnvironment({ ...life, field: (_, size) => small(size) }))
    expect(size).toBe(48)
    expect(decodeGif(bytes).width).toBe(192)
    const none = defineEnvironment({ ...life, field: () => small(7) })
    expect(() => drawExhibit(none)).toThrow('life takes none of the sizes 64, 96, 48, 32, 24')
    const broken = defineEnvironment({
      ...life,
      field: () => {
        throw new TypeError('a defect')
      },
    })
    expect(() => drawExhibit(broken)).toThrow(TypeError)
  })

  test('shows the frames of the world, one after the other', () => {
    const { bytes, frames } = drawExhibit(life)
    const film = decodeGif(bytes)
    expect(film.frames).toHaveLength(frames)
    const alive = film.frames.map(
      ({ pixels }) => pixels.reduce((sum, pixel) => sum + (film.palette[pixel][0] > 127 ? 1 : 0), 0) / 9,
    )
    for (const count of alive) expect(count).toBe(Math.round(count))
    expect(new Set(alive).size).toBeGreaterThan(10)
  })

  test('of a 1-D world is a still of space × time', () => {
    const { file, bytes } = drawExhibit(coupledMaps)
    expect(file).toBe('coupled-maps.png')
    expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  })

  test('of noise, which nothing makes small, has smaller pixels and fewer frames', () => {
    const noise = defineEnvironment({
      ...life,
      field: (given, size) => ({ ...life.field(given, size), likelihood: 'gaussian', burnIn: 0 }),
      initial: (given, size, random) => ({ ...life.initial(given, size, random), random: randomStream('noise') }),
      observe: (state, out) => {
        const { random } = state as unknown as { random: { normal(): number } }
        for (let i = 0; i < out.length; i++) out[i] = random.normal()
      },
    })
    const { bytes, frames } = drawExhibit(noise)
    expect(bytes.length).toBeLessThanOrEqual(MOST_BYTES)
    expect(bytes.length).toBeGreaterThan(MOST_BYTES / 2)
    expect(decodeGif(bytes).width).toBe(64)
    expect(frames).toBeLessThan(60)
  })
})

describe('the table', () => {
  test('has every world with its range, three in a row, and what HTML would misread spelled out', () => {
    const worlds = [1, 2, 3, 4].map(i => ({ ...life, id: `w${i}`, title: 'a < b & "c"' }))
    const table = galleryTable(worlds, 'pictures')
    expect(table.match(/<tr>/g)).toHaveLength(2)
    expect(table).toContain('<img src="pictures/w4.gif" width="192" alt="a &lt; b &amp; &quot;c&quot;">')
    expect(table).toContain(`range: ${life.range}`)
  })

  test('replaces the one before, and needs a place', () => {
    const page = 'a\n<!-- gallery: npm run gallery -->\nold\n<!-- /gallery -->\nb\n'
    const once = withGallery(page, 'new')
    expect(once).toBe(page.replace('old', 'new'))
    expect(withGallery(once, 'new')).toBe(once)
    expect(() => withGallery('a', 'new')).toThrow(/no place for a gallery/)
  })
})
