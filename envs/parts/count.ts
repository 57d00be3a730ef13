/** How many things a world of size × size cells has, of `density` per 24 × 24 cells: one at least. */
export const countIn = (density: number, size: number): number =>
  Math.max(1, Math.round((density * size * size) / (24 * 24)))
