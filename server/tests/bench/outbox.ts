/** Speed of what goes out: until a message of one server is seen on another one, and how many per second. */

import { startFederated } from '../kit/federated.ts'
import type { TestUser } from '../kit/in-process.ts'

const encode = encodeURIComponent
const one = await startFederated()
const two = await startFederated()
const ann = await one.register('ann')
const bob = await two.register('bob')
const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
await bob.ok('POST', `join/${encode(roomId)}?via=${encode(one.serverName)}`)
const limited = encode(JSON.stringify({ room: { timeline: { limit: 100 } } }))
let since = String((await bob.ok('GET', `sync?filter=${limited}`)).next_batch)
let count = 0

function say(user: TestUser): Promise<unknown> {
  const path = `rooms/${encode(roomId)}/send/m.room.message/${++count}`
  return user.ok('PUT', path, { msgtype: 'm.text', body: `message ${count}` })
}

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

/** Waits for the next sync of bob's with messages; how many there were. */
async function see(): Promise<number> {
  for (;;) {
    const reply = (await bob.ok('GET', `sync?filter=${limited}&timeout=5000&since=${since}`)) as AnyJson
    since = reply.next_batch
    const events = reply.rooms?.join?.[roomId]?.timeline?.events ?? []
    const said = events.filter((event: AnyJson) => event.type === 'm.room.message').length
    if (said > 0) return said
  }
}

async function measureDelay(rounds: number): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const seen = see()
    await new Promise((resolve) => setTimeout(resolve, 2))
    const startMs = performance.now()
    await say(ann)
    await seen
    times.push(performance.now() - startMs)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round(times[Math.floor(times.length * share)]! * 10) / 10
  console.log(JSON.stringify({ bench: 'seen on another server', p50Ms: at(0.5), p95Ms: at(0.95) }))
}

async function measureRate(messages: number, inFlight: number): Promise<void> {
  const last = String(count + messages)
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  let left = messages
  const lane = async () => {
    while (left-- > 0) await say(ann)
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  const sentMs = performance.now() - startMs
  const isThere = async () => {
    const { chunk } = (await bob.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=20`)) as AnyJson
    return chunk.some((event: AnyJson) => event.content.body === `message ${last}`)
  }
  while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 5))
  const tookMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpu)
  const perSecond = Math.round((messages * 1000) / tookMs)
  const cpuMicros = Math.round((user + system) / messages)
  const lagMs = Math.round(tookMs - sentMs)
  console.log(JSON.stringify({ bench: `messages with ${inFlight} in flight`, perSecond, lagMs, cpuMicros }))
}

await measureDelay(50)
await measureDelay(200)
await measureRate(500, 10)
await measureRate(2000, 10)
await one.close()
await two.close()
