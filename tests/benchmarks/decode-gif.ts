/** A frame as a viewer sees it: colour numbers of the whole picture, and how long it stands, ms. */
interface Frame {
  readonly pixels: Uint8Array
  readonly delay: number
}

/** Undoes the compression of GIF89a (CompuServe 1990, appendix F): codes that grow from `least` + 1 to 12 bits. */
function expand(data: Uint8Array, least: number, pixels: number): Uint8Array {
  const [clear, end] = [1 << least, (1 << least) + 1]
  const out = new Uint8Array(pixels)
  let [table, width, before, at, bit]: [number[][], number, number[] | undefined, number, number] = [
    [],
    least + 1,
    undefined,
    0,
    0,
  ]
  for (;;) {
    let code = 0
    for (let i = 0; i < width; i++, bit++) code |= ((data[bit >> 3] >> (bit & 7)) & 1) << i
    if (code === end) return out
    if (code === clear) {
      table = Array.from({ length: end + 1 }, (_, i) => [i])
      width = least + 1
      before = undefined
      continue
    }
    const entry: number[] = table[code] ?? [...before!, before![0]]
    out.set(entry, at)
    at += entry.length
    if (before !== undefined && table.length < 4096) table.push([...before, entry[0]])
    if (table.length === 1 << width && width < 12) width++
    before = entry
  }
}

/** What a viewer makes of a GIF whose frames all cover the picture and leave what they do not paint as it was. */
export function decodeGif(bytes: Uint8Array): { width: number; height: number; palette: number[][]; frames: Frame[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [width, height] = [view.getUint16(6, true), view.getUint16(8, true)]
  const colours = 2 << (bytes[10] & 7)
  const palette = Array.from({ length: colours }, (_, i) => [...bytes.subarray(13 + 3 * i, 16 + 3 * i)])
  const frames: Frame[] = []
  let [at, delay, clear] = [13 + 3 * colours, 0, -1]
  const blocks = () => {
    const parts: number[] = []
    for (; bytes[at] !== 0; at += bytes[at] + 1)
      for (const byte of bytes.subarray(at + 1, at + 1 + bytes[at])) parts.push(byte)
    at++
    return Uint8Array.from(parts)
  }
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      const label = bytes[at + 1]
      at += 2
      const [flags, low, high, index] = blocks()
      if (label === 0xf9) {
        delay = 10 * (low + 256 * high)
        clear = flags & 1 ? index : -1
      }
    } else {
      at += 10
      const least = bytes[at++]
      const painted = expand(blocks(), least, width * height)
      const before = frames.at(-1)?.pixels
      frames.push({ delay, pixels: painted.map((colour, i) => (colour === clear ? before![i] : colour)) })
    }
  }
  return { width, height, palette, frames }
}
