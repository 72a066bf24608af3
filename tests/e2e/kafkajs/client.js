// A Kafka client for kafkajs_test.py to drive: node client.js BROKER
//
// A line of stdin is a call: [name, arguments]. Its answer is a line {"result": ...} or
// {"error": {name, type, message}}. What a member of a group is assigned and reads comes unasked,
// as {"assigned": [partition...]} and {"record": {...}}. It ends, in good order, with stdin.
'use strict'

const readline = require('readline')
const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = require('kafkajs')
const codecs = require('./codecs')

const kafka = new Kafka({
  clientId: 'a-kafkajs',
  brokers: [process.argv[2]],
  logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 100, retries: 10 }
})
const open = new Map()

const say = what => process.stdout.write(JSON.stringify(what) + '\n')
const text = bytes => (bytes === null || bytes === undefined ? null : bytes.toString())

/** The connected client of this name, made once. */
async function connected (name, make) {
  if (!open.has(name)) {
    const client = make()
    await client.connect()
    open.set(name, client)
  }
  return open.get(name)
}

const headersOf = message => Object.fromEntries(
  Object.entries(message.headers || {}).map(([name, value]) => [name, text(value)]))

const calls = {
  async produce ({ codec = 'None', options = {}, ...batch }) {
    const name = `producer ${JSON.stringify(options)}`
    const producer = await connected(name, () => kafka.producer(options))
    return producer.send({ compression: CompressionTypes[codec], ...batch })
  },

  /** A member of a group, which commits each record that it has read. */
  async join ({ topic, ...options }) {
    const consumer = await connected('consumer', () => kafka.consumer(options))
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) =>
      say({ assigned: payload.memberAssignment[topic] || [] }))
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommitThreshold: 1,
      eachMessage: async ({ partition, message }) => say({
        record: {
          partition,
          offset: Number(message.offset),
          timestamp: Number(message.timestamp),
          key: text(message.key),
          value: text(message.value),
          headers: headersOf(message)
        }
      })
    })
  },

  async leave () {
    await open.get('consumer').disconnect()
    open.delete('consumer')
  },

  async admin ({ method, words }) {
    const admin = await connected('admin', () => kafka.admin())
    return admin[method](...words)
  },

  async transact (options) {
    const producer = await connected('transactional', () =>
      kafka.producer({ idempotent: true, maxInFlightRequests: 1, ...options }))
    await producer.transaction()
  }
}

async function answer (line) {
  const [name, words] = JSON.parse(line)
  try {
    say({ result: (await calls[name](words)) ?? null })
  } catch (error) {
    say({ error: { name: error.name, type: error.type || null, message: error.message } })
  }
}

async function main () {
  Object.assign(CompressionCodecs, await codecs.load(CompressionTypes))
  for await (const line of readline.createInterface({ input: process.stdin })) {
    await answer(line)
  }
  await Promise.all([...open.values()].map(client => client.disconnect()))
  process.exit(0)
}

main()
