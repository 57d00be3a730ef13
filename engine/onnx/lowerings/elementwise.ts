import type * as tf from '../../tf.ts'
import { binary, cast, emit, type GraphBuilder, scalar, unary, where } from '../build.ts'
import type { GraphValue } from '../graph.ts'
import { type Lowering, lowering } from './lowering.ts'

/** Functions of real numbers: an integer argument becomes a float first, as in tfjs. */
const real =
  (lower: (builder: GraphBuilder, x: GraphValue) => GraphValue): Lowering =>
  (builder, { x }) =>
    lower(builder, cast(builder, x, 'float32'))

const realUnary = (op: string): Lowering => real((builder, x) => unary(builder, op, x))

const plainUnary =
  (op: string): Lowering =>
  (builder, { x }) =>
    unary(builder, op, x)

/** Rounding leaves integers as they are. */
const rounding =
  (op: string): Lowering =>
  (builder, { x }) =>
    x.type === 'float32' ? unary(builder, op, x) : x

const plainBinary =
  (op: string): Lowering =>
  (builder, { a, b }) =>
    binary(builder, op, a, b)

/** log(1 + x) without loss near 0: x·log(u)/(u − 1), u = 1 + x (Kahan). */
function log1p(builder: GraphBuilder, x: GraphValue): GraphValue {
  const one = scalar(builder, 1)
  const shifted = binary(builder, 'Add', x, one)
  const difference = binary(builder, 'Sub', shifted, one)
  const exact = binary(builder, 'Equal', difference, scalar(builder, 0), 'bool')
  const ratio = binary(builder, 'Div', x, where(builder, exact, one, difference))
  const log = unary(builder, 'Log', shifted)
  // Infinity / infinity is not a number; the logarithm alone is right there.
  const infinite = emit(builder, 'IsInf', [shifted], x.shape, 'bool')
  const product = binary(builder, 'Mul', log, where(builder, infinite, one, ratio))
  return where(builder, exact, x, product)
}

/** exp(x) − 1 without loss near 0: tanh(x/2)·(exp(x) + 1). */
function expm1(builder: GraphBuilder, x: GraphValue): GraphValue {
  const half = unary(builder, 'Tanh', binary(builder, 'Mul', x, scalar(builder, 0.5)))
  return binary(builder, 'Mul', half, binary(builder, 'Add', unary(builder, 'Exp', x), scalar(builder, 1)))
}

/** log(1 + exp(x)) = max(x, 0) + log(1 + exp(−|x|)): nothing overflows, and what is lost is below 1e-7 absolute. */
function softplus(builder: GraphBuilder, x: GraphValue): GraphValue {
  const tail = unary(builder, 'Exp', unary(builder, 'Neg', unary(builder, 'Abs', x)))
  const log = unary(builder, 'Log', binary(builder, 'Add', tail, scalar(builder, 1)))
  return binary(builder, 'Add', unary(builder, 'Relu', x), log)
}

export function clip(builder: GraphBuilder, x: GraphValue, low: number, high: number): GraphValue {
  return emit(builder, 'Clip', [x, scalar(builder, low, x.type), scalar(builder, high, x.type)], x.shape, x.type)
}

/** x > 0 ? 1 : alpha. NaN counts as not positive. */
const step = lowering<tf.StepAttrs>((builder, { x }, { alpha }) => {
  const positive = binary(builder, 'Greater', x, scalar(builder, 0, x.type), 'bool')
  if (!alpha) return cast(builder, positive, x.type)
  return where(builder, positive, scalar(builder, 1, x.type), scalar(builder, alpha, x.type))
})

/** Quotient rounded towards minus infinity; integers go through float64, which holds every int32. */
const floorDivision: Lowering = (builder, { a, b }) => {
  const wide = a.type === 'int32' ? 'float64' : a.type
  const quotient = binary(builder, 'Div', cast(builder, a, wide), cast(builder, b, wide))
  return cast(builder, unary(builder, 'Floor', quotient), a.type)
}

/** Remainder with the sign of the divisor. */
const modulo: Lowering = (builder, { a, b }) => {
  if (a.type === 'int32') return binary(builder, 'Mod', a, b)
  const quotient = unary(builder, 'Floor', binary(builder, 'Div', a, b))
  return binary(builder, 'Sub', a, binary(builder, 'Mul', quotient, b))
}

/** dy·(y < 0 ? y + 1 : 1), y the output of Elu. */
const eluGradient: Lowering = (builder, { dy, y }) => {
  const negative = binary(builder, 'Min', y, scalar(builder, 0))
  return binary(builder, 'Mul', dy, binary(builder, 'Add', negative, scalar(builder, 1)))
}

const squaredDifference: Lowering = (builder, { a, b }) => {
  const difference = binary(builder, 'Sub', a, b)
  return binary(builder, 'Mul', difference, difference)
}

const sameNames = ['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Asinh', 'Acosh', 'Atanh']
const realNames = ['Exp', 'Log', 'Sqrt', 'Reciprocal', 'Sigmoid', 'Tanh', 'Erf', 'Elu', 'Selu']

export const elementwise: Readonly<Record<string, Lowering>> = {
  ...Object.fromEntries([...sameNames, ...realNames].map(op => [op, realUnary(op)])),
  Abs: plainUnary('Abs'),
  Neg: plainUnary('Neg'),
  Sign: plainUnary('Sign'),
  Relu: plainUnary('Relu'),
  Floor: rounding('Floor'),
  Ceil: rounding('Ceil'),
  Round: rounding('Round'),
  Add: plainBinary('Add'),
  Sub: plainBinary('Sub'),
  Multiply: plainBinary('Mul'),
  RealDiv: (builder, { a, b }) => binary(builder, 'Div', cast(builder, a, 'float32'), cast(builder, b, 'float32')),
  FloorDiv: floorDivision,
  Mod: modulo,
  Maximum: plainBinary('Max'),
  Minimum: plainBinary('Min'),
  Pow: plainBinary('Pow'),
  SquaredDifference: squaredDifference,
  AddN: (builder, terms) => Object.values(terms).reduce((sum, term) => binary(builder, 'Add', sum, term)),
  Square: (builder, { x }) => binary(builder, 'Mul', x, x),
  Rsqrt: real((builder, x) => unary(builder, 'Reciprocal', unary(builder, 'Sqrt', x))),
  Expm1: real(expm1),
  Log1p: real(log1p),
  Softplus: real(softplus),
  Step: step,
  Relu6: (builder, { x }) => clip(builder, x, 0, 6),
  LeakyRelu: lowering<tf.LeakyReluAttrs>((builder, { x }, { alpha }) =>
    unary(builder, 'LeakyRelu', cast(builder, x, 'float32'), { alpha: { float: alpha } }),
  ),
  Prelu: (builder, { x, alpha }) => emit(builder, 'PRelu', [x, alpha], x.shape, x.type),
  EluGrad: eluGradient,
  ClipByValue: lowering<tf.ClipByValueAttrs>((builder, { x }, { clipValueMin, clipValueMax }) =>
    clip(builder, x, clipValueMin, clipValueMax),
  ),
}
