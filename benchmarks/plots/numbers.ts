/** A figure of about two digits as this project writes it: `.66`, `−.05`, `1.2`, `5.2e-4`. */
export function figure(value: number): string {
  const size = Math.abs(value)
  const text =
    size === 0
      ? '0'
      : size < 0.001
        ? size.toExponential(1)
        : size < 0.0995
          ? size.toPrecision(2)
          : size.toFixed(size < 9.95 ? 2 : 0)
  return signed(value, text)
}

/** A skill: two digits after the point, `.66`, `−.05`, `1.00`. */
export const skill = (value: number): string => signed(value, Math.abs(value).toFixed(2))

/** A label of an axis: as short as it can be, `.5`, `−1`, `48`. */
export const tick = (value: number): string => signed(value, String(Math.abs(value)))

const signed = (value: number, text: string) =>
  `${value < 0 && Number(text) !== 0 ? '−' : ''}${text.replace(/^0\./, '.')}`

/** `.66 [.64 .69]`, without brackets where there is no interval. */
export function withRange(value: number, low: number | null, high: number | null, write = skill): string {
  return low === null || high === null ? write(value) : `${write(value)} [${write(low)} ${write(high)}]`
}

/**
 * Positions near the wished ones, in their order, each at least `gap` from the next and all within [least, most] as far
 * as there is room: groups that would overlap are laid out about their mean.
 */
export function spread(wishes: readonly number[], gap: number, least: number, most: number): number[] {
  const order = wishes.map((_, i) => i).sort((a, b) => wishes[a] - wishes[b] || a - b)
  const groups: { members: number[]; centre: number }[] = []
  const start = ({ members, centre }: (typeof groups)[number]) => {
    const length = (members.length - 1) * gap
    return Math.max(least, Math.min(most - length, centre - length / 2))
  }
  for (const i of order) {
    groups.push({ members: [i], centre: wishes[i] })
    while (groups.length > 1) {
      const [before, last] = groups.slice(-2)
      if (start(before) + before.members.length * gap <= start(last)) break
      const members = [...before.members, ...last.members]
      // Each member wishes its own position; what the group wishes is the mean.
      const centre = members.reduce((sum, member) => sum + wishes[member], 0) / members.length
      groups.splice(-2, 2, { members, centre })
    }
  }
  const placed: number[] = []
  for (const group of groups)
    group.members.forEach((member, i) => {
      placed[member] = start(group) + i * gap
    })
  return placed
}
