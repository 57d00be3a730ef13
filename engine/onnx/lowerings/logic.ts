import type * as tf from '../../tf.ts'
import { binary, cast, emit, type GraphBuilder, unary, where } from '../build.ts'
import type { ElementType, GraphValue } from '../graph.ts'
import { type Lowering, lowering } from './lowering.ts'

const compare =
  (op: string): Lowering =>
  (builder, { a, b }) =>
    binary(builder, op, a, b, 'bool')

const test = (builder: GraphBuilder, op: string, x: GraphValue): GraphValue => emit(builder, op, [x], x.shape, 'bool')

/** Comparisons, logic, selection and change of type. */
export const logic: Readonly<Record<string, Lowering>> = {
  Greater: compare('Greater'),
  GreaterEqual: compare('GreaterOrEqual'),
  Less: compare('Less'),
  LessEqual: compare('LessOrEqual'),
  Equal: compare('Equal'),
  NotEqual: (builder, { a, b }) => unary(builder, 'Not', binary(builder, 'Equal', a, b, 'bool')),
  LogicalAnd: compare('And'),
  LogicalOr: compare('Or'),
  LogicalNot: (builder, { x }) => unary(builder, 'Not', x),
  IsNan: (builder, { x }) => test(builder, 'IsNaN', x),
  IsInf: (builder, { x }) => test(builder, 'IsInf', x),
  IsFinite: (builder, { x }) =>
    unary(builder, 'Not', binary(builder, 'Or', test(builder, 'IsNaN', x), test(builder, 'IsInf', x))),
  Select: (builder, { condition, t, e }) => where(builder, condition, t, e),
  Cast: lowering<tf.CastAttrs>((builder, { x }, { dtype }) => cast(builder, x, dtype as ElementType)),
}
