import { UserError } from '../../../lib/errors.ts'
import type * as tf from '../../tf.ts'
import { binary, emit, type GraphBuilder, matmul, transpose, unary } from '../build.ts'
import { type GraphValue, labelLengths } from '../graph.ts'
import { clip } from './elementwise.ts'
import { type Lowering, lowering } from './lowering.ts'

/** Swaps the last two axes. */
function transposed(builder: GraphBuilder, x: GraphValue): GraphValue {
  const rank = x.shape.length
  const permutation = x.shape.map((_, axis) => (axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis))
  return transpose(builder, x, permutation)
}

const product = (
  builder: GraphBuilder,
  a: GraphValue,
  b: GraphValue,
  { transposeA, transposeB }: tf.BatchMatMulAttrs,
): GraphValue => matmul(builder, transposeA ? transposed(builder, a) : a, transposeB ? transposed(builder, b) : b)

/** The activation that tfjs folds into a product or a convolution. */
export function activate(
  builder: GraphBuilder,
  x: GraphValue,
  activation: string | null | undefined,
  slope: GraphValue | undefined,
  alpha = 0.2,
): GraphValue {
  switch (activation) {
    case null:
    case undefined:
    case 'linear':
      return x
    case 'relu':
      return unary(builder, 'Relu', x)
    case 'relu6':
      return clip(builder, x, 0, 6)
    case 'elu':
      return unary(builder, 'Elu', x)
    case 'sigmoid':
      return unary(builder, 'Sigmoid', x)
    case 'leakyrelu':
      return unary(builder, 'LeakyRelu', x, { alpha: { float: alpha } })
    case 'prelu':
      return emit(builder, 'PRelu', [x, slope!], x.shape, x.type)
    default:
      throw new UserError(`activation '${activation}' has no lowering; add it to engine/onnx/lowerings/matmul.ts`)
  }
}

const fusedProduct = lowering<tf._FusedMatMulAttrs>((builder, inputs, attributes) => {
  const raw = product(builder, inputs.a, inputs.b, attributes)
  const biased = inputs.bias ? binary(builder, 'Add', raw, inputs.bias) : raw
  return activate(builder, biased, attributes.activation, inputs.preluActivationWeights, attributes.leakyreluAlpha)
})

/** Each label of an Einsum's output has the length that it has in an input. */
const einsum = lowering<tf.EinsumAttrs>((builder, inputs, attributes) => {
  const equation = attributes.equation.replaceAll(' ', '')
  const operands = Object.values(inputs)
  const lengths = labelLengths(equation, operands)
  const shape = [...equation.split('->')[1]].map(label => lengths.get(label)!)
  return emit(builder, 'Einsum', operands, shape, operands[0].type, { equation })
})

export const matrixProducts: Readonly<Record<string, Lowering>> = {
  BatchMatMul: lowering<tf.BatchMatMulAttrs>((builder, { a, b }, attributes) => product(builder, a, b, attributes)),
  _FusedMatMul: fusedProduct,
  Einsum: einsum,
}
