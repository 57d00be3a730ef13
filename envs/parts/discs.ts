/** Area of a disc of radius r about the origin where x ≤ a. */
function areaLeftOf(a: number, r: number): number {
  if (a <= -r) return 0
  if (a >= r) return Math.PI * r * r
  return r * r * (Math.PI / 2 + Math.asin(a / r)) + a * Math.sqrt(r * r - a * a)
}

/** Area of that disc where x ≤ a and y ≤ b, from its areas `left` of a and `below` b: exact. */
function areaOfQuadrant(a: number, b: number, left: number, below: number, r: number): number {
  if (a * a + b * b < r * r) return (left + below) / 2 + a * b - (Math.PI * r * r) / 4
  if (a < 0) return b < 0 ? 0 : left
  return b < 0 ? below : left + below - Math.PI * r * r
}

/**
 * Adds a disc to a picture of height × width unit cells: each cell gains the exact area that the disc covers of it, up
 * to 1. So discs that do not overlap are drawn exactly. What lies outside the picture is not drawn.
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
  const firstColumn = Math.max(0, Math.floor(x - radius))
  const lastColumn = Math.min(width, Math.ceil(x + radius))
  const lastRow = Math.min(height, Math.ceil(y + radius))
  for (let row = Math.max(0, Math.floor(y - radius)); row < lastRow; row++) {
    const top = row - y
    const bottom = top + 1
    const aboveTop = areaLeftOf(top, radius)
    const aboveBottom = areaLeftOf(bottom, radius)
    let left = firstColumn - x
    let leftArea = areaLeftOf(left, radius)
    // The area of the row's strip left of a vertical line; a cell is the difference of two lines.
    let strip =
      areaOfQuadrant(left, bottom, leftArea, aboveBottom, radius) -
      areaOfQuadrant(left, top, leftArea, aboveTop, radius)
    for (let column = firstColumn; column < lastColumn; column++) {
      left = column + 1 - x
      leftArea = areaLeftOf(left, radius)
      const next =
        areaOfQuadrant(left, bottom, leftArea, aboveBottom, radius) -
        areaOfQuadrant(left, top, leftArea, aboveTop, radius)
      const cell = (row * width + column) * stride
      // Rounding may leave −1e-16 in a cell that the disc only touches.
      out[cell] = Math.min(1, Math.max(0, out[cell] + next - strip))
      strip = next
    }
  }
}
