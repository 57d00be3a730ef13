import { z } from 'zod'
import { UserError } from '../../lib/errors.ts'
import type { Json } from '../../lib/hash.ts'
import { type Field, type Split, splits } from '../environment.ts'

/** Episodes as plain numbers, and all that a file tells of them. */
export interface Recording {
  readonly episodes: number
  readonly frames: number
  readonly height: number
  readonly width: number
  /** [episodes, frames, height, width, channels], row-major. */
  readonly values: Float32Array
  readonly channels: Field['channels']
  readonly likelihood: Field['likelihood']
  readonly boundary: Field['boundary']
  readonly dt: number
  /** The split of each episode, where somebody chose it. */
  readonly splits?: readonly Split[]
  /** Where they come from. */
  readonly origin: Origin
}

/** What is told of a recording, and never worked with. */
export interface Origin {
  readonly title: string
  readonly source: string
  /** World, version, size, parameters, split and number of the first episode, where a world of ours made it. */
  readonly made?: { readonly [name: string]: Json }
}

/** The metadata of a file, as JSON. Everything may be absent: people write such files by hand. */
const metadataSchema = z.looseObject({
  title: z.string().optional(),
  source: z.string().optional(),
  channels: z.array(z.object({ name: z.string(), unit: z.string() })).optional(),
  likelihood: z.enum(['bernoulli', 'gaussian']).optional(),
  boundary: z.enum(['torus', 'walls']).optional(),
  dt: z.number().positive().optional(),
  made: z.record(z.string(), z.json()).optional(),
})
export type Metadata = z.output<typeof metadataSchema>

/** What a file tells of a recording, beside its numbers. */
export function encodeMetadata({ origin, channels, likelihood, boundary, dt }: Recording): string {
  return JSON.stringify({ ...origin, channels: [...channels], likelihood, boundary, dt })
}

/** @throws UserError where it is no JSON, or says something impossible */
export function decodeMetadata(text: string | undefined): Metadata {
  let content: unknown
  try {
    content = JSON.parse(text ?? '{}')
  } catch {
    throw new UserError("its 'metadata' are not JSON")
  }
  const parsed = metadataSchema.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UserError(`its metadata: '${issue.path.join('.')}': ${issue.message}`)
}

/** The numbers of a file before anything is known of them: [episodes, frames, height, width, channels]. */
export type Numbers = Pick<Recording, 'episodes' | 'frames' | 'height' | 'width' | 'values'> & {
  readonly names: readonly string[]
}

/**
 * Numbers and metadata, checked. Without a likelihood in the metadata a field of nothing but 0 and 1 is `bernoulli`;
 * without a boundary there are walls, because no file should claim that its opposite sides touch.
 * @throws UserError
 */
export function completeRecording(numbers: Numbers, metadata: Metadata, splitNames?: readonly string[]): Recording {
  const { names, ...rest } = numbers
  const { episodes, frames, height, width, values } = rest
  if (episodes * frames * height * width * names.length === 0)
    throw new UserError(`it is empty: ${episodes} episodes of ${frames} frames of ${height} × ${width} cells`)
  checkFinite(numbers)
  const channels = metadata.channels ?? names.map(name => ({ name, unit: '1' }))
  if (channels.length !== names.length)
    throw new UserError(`its metadata name ${channels.length} channels, and it has ${names.length}`)
  const binary = values.every(value => value === 0 || value === 1)
  const likelihood = metadata.likelihood ?? (binary ? 'bernoulli' : 'gaussian')
  const outside = likelihood === 'bernoulli' ? values.find(value => value < 0 || value > 1) : undefined
  if (outside !== undefined)
    throw new UserError(`it holds ${outside}, which is no probability: its likelihood should be 'gaussian'`)
  const { title = 'Recorded episodes', source = 'a file', made, boundary = 'walls', dt = 1 } = metadata
  const own = splitNames && checkSplits(splitNames, episodes)
  return { ...rest, channels, likelihood, boundary, dt, splits: own, origin: { title, source, made } }
}

function checkFinite({ values, episodes, frames }: Numbers): void {
  const wrong = values.findIndex(value => !Number.isFinite(value))
  if (wrong < 0) return
  const frame = Math.floor((wrong * episodes * frames) / values.length)
  throw new UserError(
    `it holds ${values[wrong]} in episode ${Math.floor(frame / frames)}, frame ${frame % frames}: every number must be finite`,
  )
}

function checkSplits(names: readonly string[], episodes: number): readonly Split[] {
  if (names.length !== episodes)
    throw new UserError(`it names the split of ${names.length} episodes, and has ${episodes}`)
  const unknown = names.find(name => !(splits as readonly string[]).includes(name))
  if (unknown !== undefined) throw new UserError(`it has the split '${unknown}'; known: ${splits.join(', ')}`)
  return names as readonly Split[]
}
