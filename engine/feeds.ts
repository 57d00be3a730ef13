import { oneOf, UserError } from '../lib/errors.ts'
import type { Feed, Signature } from './engine.ts'

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1)

const typeOf = (feed: Feed) =>
  feed instanceof Float32Array ? 'float32' : feed instanceof Int32Array ? 'int32' : feed.dtype

const lengthOf = (feed: Feed) => ('length' in feed ? feed.length : sizeOf(feed.shape))

/**
 * Checks what a program is about to run on.
 * @throws UserError where a feed is missing, unknown, of the wrong type or of the wrong length.
 */
export function checkFeeds(
  program: string,
  signatures: Readonly<Record<string, Signature>>,
  feeds: Readonly<Record<string, Feed>>,
): void {
  const names = Object.keys(signatures)
  for (const name of Object.keys(feeds)) {
    if (!Object.hasOwn(signatures, name)) oneOf(`feed of program '${program}'`, name, names)
  }
  for (const [name, { shape, dtype }] of Object.entries(signatures)) {
    const feed = feeds[name]
    if (!feed) throw new UserError(`program '${program}' misses the feed '${name}': ${dtype} [${shape}]`)
    if (typeOf(feed) !== dtype) {
      throw new UserError(`feed '${name}' of program '${program}' is ${typeOf(feed)}; ${dtype} is wanted`)
    }
    if (lengthOf(feed) !== sizeOf(shape)) {
      const wanted = `[${shape}] takes ${sizeOf(shape)}`
      throw new UserError(`feed '${name}' of program '${program}' has ${lengthOf(feed)} values; ${wanted}`)
    }
  }
}
