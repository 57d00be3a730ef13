import { expect, test } from 'vitest'
import { type Film, lookAt, recordFilm, spaceTime, viewsOf } from '../../benchmarks/pictures/film.ts'
import { diverging, grey, HIDDEN, hue, sequential } from '../../benchmarks/pictures/palette.ts'
import type { Field } from '../../envs/environment.ts'
import { life } from '../../envs/life.ts'
import { UserError } from '../../lib/errors.ts'
import { randomStream } from '../../lib/random.ts'

function filmOf(
  names: readonly string[],
  likelihood: Field['likelihood'],
  height: number,
  frames: readonly (readonly number[])[],
): Film {
  const width = frames[0].length / height / names.length
  const channels = names.map(name => ({ name, unit: '1' }))
  const field: Field = { height, width, channels, likelihood, boundary: 'torus', dt: 1, burnIn: 0 }
  return { field, frames: frames.map(frame => Float32Array.from(frame)) }
}
const cells = (film: Film, view = 0, step = 0) => [...lookAt(film, viewsOf(film)[view], step).pixels]

test('a film shows the world itself: a glider is a cell further down and right after 4 frames', () => {
  const parameters = life.parameters.parse({ pattern: 'bob$2bo$3o!' })
  const film = recordFilm({ environment: life, parameters, size: 8 }, 4, randomStream('film'))
  const [view] = viewsOf(film)
  const [first, last] = [0, 4].map(step => lookAt(film, view, step))
  const moved = first.pixels.map((_, i) => first.pixels[((Math.floor(i / 8) + 7) % 8) * 8 + ((i + 7) % 8)])
  expect(last.pixels).toEqual(moved)
  expect(first.pixels.filter(pixel => pixel === grey(1))).toHaveLength(5)
})

test('a film that no memory holds is refused before it is begun', () => {
  const subject = { environment: life, parameters: life.parameters.parse({}), size: 24 }
  expect(() => recordFilm(subject, 1e9, randomStream('film'))).toThrow(UserError)
})

test('amounts go from dark to pale, between their own ends; what has a sign from blue over its mean to red', () => {
  expect(cells(filmOf(['u'], 'gaussian', 1, [[10, 11, 12]])).slice(0, 3)).toEqual([0, 0.5, 1].map(sequential))
  const [low, middle, high] = cells(filmOf(['u'], 'gaussian', 1, [[-1, 0, 1]]))
  expect(middle).toBe(diverging(0.5))
  // Within 2.5 standard deviations, √(2/3) here, of the mean.
  expect([low, high]).toEqual([-1, 1].map(sign => diverging(0.5 + (sign * Math.sqrt(1.5)) / 5)))
})

test('one far value does not take the colours from all others', () => {
  const values = Array.from({ length: 1000 }, (_, i) => (i === 0 ? 1e6 : i % 2))
  const film = filmOf(['u'], 'gaussian', 1, [values])
  expect(cells(film)[0]).toBe(sequential(1))
})

test('where nothing differs there is one colour', () => {
  for (const value of [0, 3, -3])
    expect(new Set(cells(filmOf(['u'], 'gaussian', 2, [[value, value, value, value]]))).size).toBe(1)
})

test('two or three probabilities share the cells: the largest gives the colour, its value the light', () => {
  const film = filmOf(['a', 'b'], 'bernoulli', 2, [[1, 0, 0, 1, 0, 0, 0.5, 0.25]])
  expect(cells(film)).toEqual([hue(0, 1), hue(1, 1), hue(0, 0), hue(0, 0.5)])
  const [{ title }] = viewsOf(film)
  expect(title).toEqual([
    { text: 'a', colour: hue(0, 1) },
    { text: 'b', colour: hue(1, 1) },
  ])
  expect(viewsOf(filmOf(['a', 'b', 'c', 'd'], 'bernoulli', 1, [[0, 0, 0, 0]]))).toHaveLength(4)
})

test('each other channel is a view of its own, in its own scale, and one can be asked for', () => {
  const film = filmOf(['u', 'v'], 'gaussian', 2, [[0, -100, 1, -50, 2, 50, 3, 100]])
  expect(viewsOf(film).map(({ title }) => title)).toEqual(['u', 'v'])
  const [v] = viewsOf(film, 'v')
  expect(lookAt(film, v, 0).pixels).toEqual(Uint8Array.from(cells(film, 1)))
  expect(() => viewsOf(film, 'w')).toThrow("unknown channel 'w'; known: u, v")
  expect(viewsOf(filmOf(['a', 'b'], 'bernoulli', 1, [[0, 0]]), 'b').map(({ title }) => title)).toEqual(['b'])
})

test('a 1-D world is space × time, the last rows of it, and empty where there was no time yet', () => {
  const film = filmOf(['u'], 'bernoulli', 1, [
    [0, 1],
    [1, 1],
    [1, 0],
  ])
  const [view] = viewsOf(film)
  const [black, white] = [grey(0), grey(1)]
  expect([...spaceTime(film, view, 1, 3).pixels]).toEqual([black, white, white, white, HIDDEN, HIDDEN])
  expect([...lookAt(film, view, 2).pixels]).toEqual([white, white, white, black])
})
