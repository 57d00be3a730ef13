#!/usr/bin/env node
// Stands in for a Python with a framework: answers as peer.py does, with losses that it is told by its name.
import { createInterface } from 'node:readline'

const [, , , peer] = process.argv
let step = 0
const loss = () => 1 / ++step
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line)
  if (peer === 'jax') {
    console.error('Traceback (most recent call last):\nModuleNotFoundError: no jax here')
    process.exit(1)
  }
  if (peer === 'torch-compiled') console.log(JSON.stringify({ error: 'RuntimeError: no compiler' }))
  else if ('load' in order)
    console.log(
      JSON.stringify({ version: `fake ${order.setting.network}`, loss: loss(), compileMs: 2, compileCpuMs: 1 }),
    )
  else {
    const losses = Array.from({ length: order.steps }, loss)
    console.log(JSON.stringify({ losses, ms: losses.map(() => 4), cpuMs: losses.map(() => 3) }))
  }
}
