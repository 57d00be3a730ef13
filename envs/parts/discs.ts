/** Up to this sin²θ an arc is drawn by the series of `segment`. */
const smallArc = 0.06

/** Half of asin s − s. */
const halfExcess = (s: number) => (Math.asin(Math.min(1, s)) - s) / 2

/**
 * Area between an arc θ of the unit circle and its chord, from s = sin θ, θ ≤ π/2. The series is right to 2e-9, which is
 * 7e-8 of a cell at most, for an arc within a cell of a circle of radius r has s < √2/r.
 */
function segment(s: number): number {
  const q = s * s
  return q > smallArc ? halfExcess(s) : s * q * (1 / 12 + q * (3 / 80 + q * (5 / 224 + (q * 35) / 2304)))
}

/**
 * Adds a disc to a picture of height × width unit cells: each cell gains the area that the disc covers of it, up to 1,
 * exact to rounding in a Float32. So discs that do not overlap are drawn exactly. What lies outside the picture is not
 * drawn.
 *
 * The circle is cut where it crosses a line of the grid. Within a cell that leaves one arc on either side of the
 * centre, and under it a rectangle, a trapezium and the segment between the arc and its chord.
 * @param x column of the centre and @param y row of the centre, in cells from the left and upper edges
 * @param out row-major; cell (row, column) is `out[(row * width + column) * stride]`
 */
export function drawDisc(
  out: Float32Array,
  height: number,
  width: number,
  x: number,
  y: number,
  radius: number,
  stride = 1,
): void {
  // One function, and whole numbers marked by `| 0`, for speed: a number that is passed on may cost an allocation.
  const r2 = radius * radius
  const curvature = 1 / r2
  const middle = Math.floor(x) | 0
  const lastRow = Math.min(height, Math.ceil(y + radius)) | 0
  let row = Math.max(0, Math.floor(y - radius)) | 0
  // Seen from the centre, a strip reaches from `top` down to `bottom`, where half of the disc's width is as named.
  let top = Math.max(row - y, -radius)
  let halfTop = Math.sqrt(r2 - top * top)
  while (row < lastRow) {
    // A strip is a row, or its part on one side of the centre.
    const splits = top < 0 && row + 1 > y
    const bottom = splits ? 0 : Math.min(row + 1 - y, radius)
    const halfBottom = Math.sqrt(r2 - bottom * bottom)
    const strip = bottom - top
    const inner = Math.min(Math.abs(top), Math.abs(bottom))
    const outer = inner + strip
    const wide = Math.max(halfTop, halfBottom)
    const narrow = Math.min(halfTop, halfBottom)

    const line = (row * width) | 0
    const from = Math.ceil(x - narrow) | 0
    const to = Math.floor(x + narrow) | 0
    const beyond = (line + Math.min(to, width)) * stride
    for (let at = (line + Math.max(from, 0)) * stride; at < beyond; at += stride) out[at] = Math.min(1, out[at] + strip)

    // From the covered cells outwards, or from the centre if there are none; u is the distance from the centre.
    for (let side = -1; side < 2; side += 2) {
      let column = (from >= to ? middle : side < 0 ? from - 1 : to) | 0
      let end = side < 0 ? x - column : column + 1 - x
      let start = Math.max(0, end - 1)
      // The arc enters a cell at (u, v) and leaves it at (nextU, nextV).
      let u = narrow
      let v = outer
      for (let onwards = true; onwards; ) {
        onwards = end < wide
        let area = (end - start) * strip
        if (end > narrow) {
          const nextU = onwards ? end : wide
          const nextV = onwards ? Math.sqrt(r2 - nextU * nextU) : inner
          area =
            (end - start) * (nextV - inner) +
            ((u + nextU) / 2 - start) * (v - nextV) +
            r2 * segment((nextU * v - u * nextV) * curvature)
          u = nextU
          v = nextV
        }
        if (column >= 0 && column < width) {
          const at = (line + column) * stride
          // Rounding may make −1e-17 of an area.
          out[at] = Math.min(1, out[at] + Math.max(0, area))
        }
        column += side
        start = end
        end += 1
      }
    }
    if (!splits) row++
    top = bottom
    halfTop = halfBottom
  }
}
