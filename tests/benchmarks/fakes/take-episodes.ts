import { openEpisodePool } from '../../../benchmarks/task/episode-pool.ts'
import { sha256Hex } from '../../../lib/hash.ts'
import { smallTask } from '../small.ts'

// A worker that wants episodes: `take-episodes.ts <folder>`. Says how many it had to begin, and a hash of what it got.
const task = smallTask('fluid', 16, { tile: 4, context: 5, blind: 3 })
let begun = 0
const environment: typeof task.environment = {
  ...task.environment,
  initial: (...given) => {
    begun++
    return task.environment.initial(...given)
  },
}
const pool = openEpisodePool(process.argv[2], console.error)
const { values } = await pool.episodes({ ...task, environment }, 'train', 40)
console.log(begun, sha256Hex(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)))
