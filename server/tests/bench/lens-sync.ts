/** What a lens of 20 feeds adds to a sync of 50 rooms: two users in the same rooms, by turns. `node <this file>`. */

import { startFakeFeeds } from '../kit/fake-feeds.ts'
import { startInProcess, type TestUser } from '../kit/in-process.ts'
import { endTestStores } from '../kit/store.ts'

const ROOMS = 50
const MESSAGES = 20
const FEEDS = 20
const TURNS = 400

const fakes = await startFakeFeeds()
const reputation = `reputation: { httpSources: ['${fakes.origin}'] }\n`
const server = await startInProcess({}, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
const [plain, seeing, author] = [
  await server.register('plain'),
  await server.register('seeing'),
  await server.register('author'),
]
for (let room = 0; room < ROOMS; room++) {
  const { room_id: roomId } = await author.ok('POST', 'createRoom', { preset: 'public_chat' })
  await plain.ok('POST', `join/${roomId}`)
  await seeing.ok('POST', `join/${roomId}`)
  for (let n = 0; n < MESSAGES; n++) {
    await author.ok('PUT', `rooms/${roomId}/send/m.room.message/${n}`, { msgtype: 'm.text', body: `message ${n}` })
  }
}
const subscriptions: object[] = []
for (let feed = 0; feed < FEEDS; feed++) {
  const of = fakes.open(`feed${feed}`)
  fakes.say(
    of,
    server.clock.nowMs(),
    Array.from({ length: 500 }, (_, n) => ({ entity: `@n${n}:f${feed}.example` })),
  )
  const base = '/_parallax/reputation/v1/subscriptions'
  const { source } = await seeing.ok('POST', base, { address: fakes.addressOf(`feed${feed}`) })
  subscriptions.push({ source, trust: { '*': 'good' }, mode: 'blend' })
}
await seeing.ok('PUT', '/_parallax/reputation/v1/lenses/mine', { subscriptions })
await seeing.ok('PUT', '/_parallax/reputation/v1/lens', { name: 'mine' })

const took = new Map<TestUser, { ms: number; cpu: number }[]>([
  [plain, []],
  [seeing, []],
])
for (let turn = -10; turn < TURNS; turn++) {
  // Not in turns of even length, which garbage collection might keep in step with.
  for (const user of Math.random() < 0.5 ? [plain, seeing] : [seeing, plain]) {
    const [begun, cpu] = [performance.now(), process.cpuUsage()]
    await user.ok('GET', 'sync?filter={"room":{"timeline":{"limit":20}}}')
    const { user: used, system } = process.cpuUsage(cpu)
    if (turn >= 0) took.get(user)!.push({ ms: performance.now() - begun, cpu: (used + system) / 1_000 })
  }
}

const at = (values: readonly number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.floor((values.length - 1) * share)]!
for (const [name, user] of Object.entries({ plain, seeing })) {
  const all = took.get(user)!
  const [ms, cpu] = [all.map((one) => one.ms), all.map((one) => one.cpu)]
  const show = (value: number) => value.toFixed(1)
  console.log(`${name}: p50 ${show(at(ms, 0.5))} ms, p95 ${show(at(ms, 0.95))} ms, CPU p50 ${show(at(cpu, 0.5))} ms`)
}
await server.close()
fakes.close()
await endTestStores()
