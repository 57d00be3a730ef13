/**
 * Expressions on a few neighbouring numbers at once: the lanes of a 128-bit register, four float32 or two float64. An
 * expression is written once and means both. Building one does no arithmetic; `compileLoop` turns it into machine code.
 */
export type Precision = 'f32' | 'f64'

export type Operation = 'negated' | 'root' | 'plus' | 'minus' | 'times' | 'over' | 'min' | 'max'

export type Node =
  | { readonly kind: 'load'; readonly array: string; readonly offset: number }
  | { readonly kind: 'number'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'operation'; readonly operation: Operation; readonly operands: readonly Lanes[] }
  | { readonly kind: 'zip'; readonly half: 'low' | 'high'; readonly operands: readonly [Lanes, Lanes] }

/** One expression. An object that is used twice is computed once. */
export class Lanes {
  readonly node: Node

  constructor(node: Node) {
    this.node = node
  }

  plus = (other: Lanes | number): Lanes => operation('plus', this, other)
  minus = (other: Lanes | number): Lanes => operation('minus', this, other)
  times = (other: Lanes | number): Lanes => operation('times', this, other)
  over = (other: Lanes | number): Lanes => operation('over', this, other)
  min = (other: Lanes | number): Lanes => operation('min', this, other)
  max = (other: Lanes | number): Lanes => operation('max', this, other)
  negated = (): Lanes => operation('negated', this)
  root = (): Lanes => operation('root', this)
  /** The lower half of the lanes, each followed by the other's: a₀ b₀ a₁ b₁ of a₀ … a₃ and b₀ … b₃. */
  zipLow = (other: Lanes): Lanes => new Lanes({ kind: 'zip', half: 'low', operands: [this, other] })
  /** The upper half likewise: a₂ b₂ a₃ b₃. */
  zipHigh = (other: Lanes): Lanes => new Lanes({ kind: 'zip', half: 'high', operands: [this, other] })
}

const operation = (operation: Operation, ...operands: (Lanes | number)[]): Lanes =>
  new Lanes({ kind: 'operation', operation, operands: operands.map(lanes) })

/** A number as an expression; an expression as it is. */
export const lanes = (value: Lanes | number): Lanes =>
  typeof value === 'number' ? new Lanes({ kind: 'constant', value }) : value

/** The sum of expressions, from left to right. */
export const sum = (...terms: readonly Lanes[]): Lanes => terms.reduce((total, term) => total.plus(term))

/** As many registers as one has lanes, turned: lane j of the i-th becomes lane i of the j-th. */
export function transposed(rows: readonly Lanes[]): Lanes[] {
  // Zipping the upper half of the list into the lower one doubles how far a row's lanes stand apart.
  const zip = (list: readonly Lanes[]) => {
    const half = list.length / 2
    return list.slice(0, half).flatMap((low, i) => [low.zipLow(list[half + i]), low.zipHigh(list[half + i])])
  }
  return rows.length === 4 ? zip(zip(rows)) : zip(rows)
}
