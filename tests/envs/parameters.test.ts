import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineEnvironment, parseParameters } from '../../envs/environment.ts'
import { life } from '../../envs/life.ts'
import { UserError } from '../../lib/errors.ts'

const parameters = z.object({
  label: z.string().default('none').describe('text'),
  count: z.int().min(1).default(2).describe('number'),
  lit: z.boolean().default(true).describe('yes or no'),
  kind: z.enum(['a', 'b']).default('a').describe('one of two'),
})
const world = defineEnvironment({ ...life, id: 'made-up', parameters } as never)
const parse = (given: Record<string, unknown>) => parseParameters(world, given)

it('what spells a number or a boolean is text where a parameter is text, and stays what it is elsewhere', () => {
  expect(parse({ label: 3, count: 3, lit: false })).toEqual({ label: '3', count: 3, lit: false, kind: 'a' })
  expect(parse({ label: true })).toMatchObject({ label: 'true' })
  expect(parse({ label: 'x' })).toMatchObject({ label: 'x' })
  expect(parse({})).toEqual({ label: 'none', count: 2, lit: true, kind: 'a' })
})

it.each([
  [{ label: null }, "made-up: parameter 'label': Invalid input: expected string, received null"],
  [{ count: '3' }, "made-up: parameter 'count': Invalid input: expected number, received string"],
  [{ count: 0 }, "made-up: parameter 'count': Too small: expected number to be >=1"],
  [{ lit: 1 }, "made-up: parameter 'lit': Invalid input: expected boolean, received number"],
  [{ kind: 1 }, `made-up: parameter 'kind': Invalid option: expected one of "a"|"b"`],
  [{ size: 1 }, "made-up has no parameter 'size'; it has: label, count, lit, kind"],
])('refuses %o with the first problem, in one line', (given, message) => {
  expect(() => parse(given)).toThrow(new UserError(message))
})

it('what is wrong with a text that spells a number is said by its own rule', () => {
  expect(() => parseParameters(life, { pattern: 3 })).toThrow("life: parameter 'pattern': an RLE pattern ends with '!'")
  expect(() => parseParameters(life, { rule: 23 })).toThrow("life: parameter 'rule': expected a rule such as B3/S23")
})
