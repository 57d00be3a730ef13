import * as tf from '../../../engine/tf.ts'
import { binary, type Case, unary } from './case.ts'

const compare = (kernel: string, apply: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Case[] => [
  ...binary(kernel, apply, 'integer', true),
  ...binary(kernel, (x, y) => apply(tf.round(x), tf.round(y)), 'any', true),
]

export const logic: Case[] = [
  ...compare('Greater', tf.greater),
  ...compare('GreaterEqual', tf.greaterEqual),
  ...compare('Less', tf.less),
  ...compare('LessEqual', tf.lessEqual),
  ...compare('Equal', tf.equal),
  ...compare('NotEqual', tf.notEqual),
  ...binary('LogicalAnd', (x, y) => tf.logicalAnd(tf.cast(x, 'bool'), tf.cast(y, 'bool')), 'bit', true),
  ...binary('LogicalOr', (x, y) => tf.logicalOr(tf.cast(x, 'bool'), tf.cast(y, 'bool')), 'bit', true),
  unary('LogicalNot', x => tf.logicalNot(tf.cast(x, 'bool')), 'bit', true),
  unary('IsNan', x => tf.isNaN(tf.log(x)), 'any', true),
  unary('IsInf', x => tf.isInf(tf.div(1, tf.relu(x))), 'any', true),
  unary('IsFinite', x => tf.isFinite(tf.log(tf.relu(x))), 'any', true),
  {
    kernel: 'Select',
    inputs: ({ a, b }) => ({ m: { shape: [a, b], values: 'bit' }, x: { shape: [a, b] }, y: { shape: [a, b] } }),
    run: ({ m, x, y }) => tf.where(tf.cast(m, 'bool'), x, tf.square(y)),
  },
  unary('Cast', x => tf.cast(x, 'int32'), 'any', true),
  unary('Cast', x => tf.cast(x, 'float32'), 'integer', true),
  unary('Cast', x => tf.cast(tf.cast(x, 'bool'), 'float32'), 'integer', true),
]
