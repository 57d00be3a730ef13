// The only file that imports tfjs: whoever needs a tensor imports it from here.
export * from '@tensorflow/tfjs'
