import * as tf from '../../engine/tf.ts'
import type { Parameters } from '../model.ts'

// The transform of a large lattice, axis by axis: first along every row, then along every column of what came out. With
// w of n² waves kept it costs O(n²·√w + n·w) a channel where one matrix for all costs O(n²·w).

/** Real matrices of one transform and of the way back; a complex number is a pair of neighbours on its axis. */
export interface AxisWaves {
  readonly rows: number
  readonly columns: number
  /** Wave numbers along columns, −m … m, and along rows, 0 … m. */
  readonly down: number
  readonly across: number
  /** [2·across, columns], cosines, then −sines */
  readonly alongRows: Float32Array
  /** [down·2, rows·2] */
  readonly alongColumns: Float32Array
  /** [rows·2, down·2] */
  readonly backAlongColumns: Float32Array
  /** [columns, 2·across] */
  readonly backAlongRows: Float32Array
  /** [K, 1, 1] Of the first column one of each conjugate pair is kept: it counts twice. */
  readonly scale: Float32Array
}

export function axisWaves(rows: number, columns: number, [height, width]: readonly [number, number], modes: number) {
  const [down, across] = [2 * modes + 1, modes + 1]
  const alongRows = new Float32Array(2 * across * columns)
  const backAlongRows = new Float32Array(alongRows.length)
  for (let a = 0; a < across; a++)
    for (let c = 0; c < columns; c++) {
      const angle = (2 * Math.PI * a * c) / width
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)].map(value => value / Math.sqrt(width))
      alongRows.set([cosine], a * columns + c)
      alongRows.set([-sine], (across + a) * columns + c)
      const weight = a === 0 ? 1 : 2 // a conjugate pair is one wave
      backAlongRows.set([weight * cosine], c * 2 * across + a)
      backAlongRows.set([-weight * sine], c * 2 * across + across + a)
    }
  const alongColumns = new Float32Array(down * 2 * rows * 2)
  const backAlongColumns = new Float32Array(alongColumns.length)
  for (let d = 0; d < down; d++)
    for (let r = 0; r < rows; r++) {
      const angle = (2 * Math.PI * (d - modes) * r) / height
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)].map(value => value / Math.sqrt(height))
      alongColumns.set([cosine, sine], 2 * d * 2 * rows + 2 * r)
      alongColumns.set([-sine, cosine], (2 * d + 1) * 2 * rows + 2 * r)
      backAlongColumns.set([cosine, -sine], 2 * r * 2 * down + 2 * d)
      backAlongColumns.set([sine, cosine], (2 * r + 1) * 2 * down + 2 * d)
    }
  const scale = Float32Array.from({ length: down * across - modes }, (_, k) => (k < modes ? 2 : 1))
  return { rows, columns, down, across, alongRows, alongColumns, backAlongColumns, backAlongRows, scale }
}

/** x [tiles, N, C] → [K, 2, N·C]: of every wave that is kept the real part and the imaginary one. */
function analyse(waves: AxisWaves, x: tf.Tensor): tf.Tensor {
  const { rows, columns, down, across } = waves
  const numbers = x.size / (rows * columns)
  const first = tf.matMul(tf.tensor2d(waves.alongRows, [2 * across, columns]), tf.reshape(x, [rows, columns, numbers]))
  const second = tf.matMul(
    tf.tensor2d(waves.alongColumns, [down * 2, rows * 2]),
    tf.reshape(first, [rows * 2, across * numbers]),
  )
  const all = tf.reshape(tf.transpose(tf.reshape(second, [down, 2, across, numbers]), [2, 0, 1, 3]), [
    across * down,
    2,
    numbers,
  ])
  // The first column holds every wave and its conjugate: −m … 0 are kept.
  const kept = (down + 1) / 2
  const rest = (across - 1) * down
  return tf.concat([tf.slice(all, [0, 0, 0], [kept, 2, numbers]), tf.slice(all, [down, 0, 0], [rest, 2, numbers])])
}

/** The way back, [K, 2, N·C] → [tiles, N·C]. */
function synthesise(waves: AxisWaves, answers: tf.Tensor): tf.Tensor {
  const { rows, columns, down, across } = waves
  const numbers = answers.shape[2] as number
  const kept = (down + 1) / 2
  const rest = (across - 1) * down
  const all = tf.concat([
    tf.slice(answers, [0, 0, 0], [kept, 2, numbers]),
    tf.zeros([down - kept, 2, numbers]),
    tf.slice(answers, [kept, 0, 0], [rest, 2, numbers]),
  ])
  const byDown = tf.reshape(tf.transpose(tf.reshape(all, [across, down, 2, numbers]), [1, 2, 0, 3]), [
    down * 2,
    across * numbers,
  ])
  const first = tf.matMul(tf.tensor2d(waves.backAlongColumns, [rows * 2, down * 2]), byDown)
  return tf.reshape(
    tf.matMul(tf.tensor2d(waves.backAlongRows, [columns, 2 * across]), tf.reshape(first, [rows, 2 * across, numbers])),
    [rows * columns, numbers],
  )
}

/** As `spectralConv`, axis by axis. */
export function convolveByAxes(p: Parameters, name: string, waves: AxisWaves, x: tf.Tensor): tf.Tensor {
  const [tiles, n, inputs] = x.shape as [number, number, number]
  const [count, , outputs] = p[`${name}.real`].shape
  const parts = tf.reshape(analyse(waves, x), [count, 2 * n, inputs])
  const [byReal, byImaginary] = ['real', 'imaginary'].map(part =>
    tf.split(tf.reshape(tf.matMul(parts, p[`${name}.${part}`]), [count, 2, n * outputs]), 2, 1),
  )
  const answers = tf.concat([tf.sub(byReal[0], byImaginary[1]), tf.add(byReal[1], byImaginary[0])], 1)
  const counted = tf.mul(answers, tf.tensor3d(waves.scale, [count, 1, 1]))
  return tf.reshape(synthesise(waves, counted), [tiles, n, outputs])
}
