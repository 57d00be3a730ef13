// gifenc ships no types; these are the parts in use (github.com/mattdesl/gifenc, README).
declare module 'gifenc' {
  interface Encoder {
    writeFrame(
      pixels: Uint8Array,
      width: number,
      height: number,
      options: {
        palette?: readonly (readonly [number, number, number])[]
        delay?: number
        dispose?: number
        transparent?: boolean
        transparentIndex?: number
      },
    ): void
    finish(): void
    bytes(): Uint8Array
  }
  const gifenc: { GIFEncoder(): Encoder }
  export default gifenc
}
