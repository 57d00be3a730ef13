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
}

const operation = (operation: Operation, ...operands: (Lanes | number)[]): Lanes =>
  new Lanes({ kind: 'operation', operation, operands: operands.map(lanes) })

/** A number as an expression; an expression as it is. */
export const lanes = (value: Lanes | number): Lanes =>
  typeof value === 'number' ? new Lanes({ kind: 'constant', value }) : value

/** The sum of expressions, from left to right. */
export const sum = (...terms: readonly Lanes[]): Lanes => terms.reduce((total, term) => total.plus(term))
