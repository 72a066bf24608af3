// The codecs that kafkajs leaves to others; gzip is its own.
'use strict'

const snappy = require('kafkajs-snappy')
const lz4 = require('lz4js')
const zstd = require('@bokuweb/zstd-wasm')

const codec = (compress, decompress) => () => ({
  compress: async encoder => Buffer.from(compress(encoder.buffer)),
  decompress: async buffer => Buffer.from(decompress(buffer))
})

/** By kafkajs's number of each. */
async function load (types) {
  await zstd.init()
  return {
    [types.Snappy]: snappy,
    [types.LZ4]: codec(lz4.compress, lz4.decompress),
    [types.ZSTD]: codec(zstd.compress, zstd.decompress)
  }
}

module.exports = { load }
