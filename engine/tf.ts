import { enableProdMode } from '@tensorflow/tfjs'

// Without this the cpu backend greets on stderr at its first write.
enableProdMode()

// The only file that imports tfjs: whoever needs a tensor imports it from here.
export * from '@tensorflow/tfjs'
