import { type Environment, parseParameters } from '../../envs/environment.ts'
import { findEnvironment } from '../../envs/find.ts'
import { UserError } from '../../lib/errors.ts'
import type { TaskPlan } from './cells.ts'

const usualSize = 24
/** Modules with weights of their own must divide the parameters among so many tiles. */
const mostTiles = 64

/**
 * The task of a world that no suite has chosen one for: its default parameters, fully seen, then blind. Of a recorded
 * world as many episodes as there are. @throws UserError where the world cannot be cut into tiles, or has no episodes
 */
export async function anyWorld(name: string): Promise<TaskPlan> {
  const environment = await findEnvironment(name)
  const size = environment.recorded?.size ?? usualSize
  const { train, evaluation } = episodesOf(environment)
  return {
    environment: name,
    size,
    schedule: {
      tile: tileOf(environment, size),
      views: 'all',
      queries: 'all',
      context: 5,
      blind: 3,
      scrambled: false,
    },
    episodes: { train, evaluation },
    evaluation: { split: 'test', shifts: Object.keys(environment.shifts), views: [] },
    budget: { kind: 'steps', parameters: 57_000, steps: 700, batch: 8 },
  }
}

function episodesOf({ id, recorded }: Environment): TaskPlan['episodes'] {
  const train = Math.min(96, recorded?.episodes.train ?? Infinity)
  const evaluation = Math.min(32, recorded?.episodes.test ?? Infinity)
  if (Math.min(train, evaluation) === 0)
    throw new UserError(
      `${id} has ${train} episodes to train on and ${evaluation} to test with; there must be some of each`,
    )
  return { train, evaluation }
}

/** The side of the smallest tile of 4 cells or more (of one in a 1-D world) that leaves few enough; else a smaller one. */
function tileOf(environment: Environment, size: number): number {
  const { height, width } = environment.field(parseParameters(environment, {}), size)
  const line = height === 1
  const fits = (side: number) => {
    const tiles = (width / side) * (line ? 1 : height / side)
    return width % side === 0 && (line || height % side === 0) && tiles > 1 && tiles <= mostTiles
  }
  const sides = Array.from({ length: width }, (_, i) => i + 1).filter(fits)
  const tile = sides.find(side => line || side >= 4) ?? sides.at(-1)
  if (tile === undefined)
    throw new UserError(
      `${environment.id}: ${height} × ${width} cells cannot be cut into 2 to ${mostTiles} square tiles`,
    )
  return tile
}
