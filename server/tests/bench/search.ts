/**
 * What the index of messages costs: time to index a message, bytes on the disk, and the time of searches in 100,000
 * messages in 20 rooms. Prints one JSON line each.
 */

import { statSync } from 'node:fs'
import type { RoomId } from '@parallax/protocol'
import { createSystemClock } from '../../src/base/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { createMessageIndex } from '../../src/search/messages/index-messages.ts'
import { makeRoom, openHouse } from '../kit/rooms.ts'

const messageCount = Number(process.env.BENCH_MESSAGES ?? 100_000)
const rounds = 20
const perTurn = 50
const roomCount = 20

/** A vocabulary in which the word of rank n is said about 1/n as often as the first. */
const words = Array.from({ length: 20_000 }, (_, index) => spell(index * 7_919))
function spell(number: number): string {
  const letter = String.fromCharCode(97 + (number % 26))
  return number < 26 ? letter : letter + spell(Math.floor(number / 26))
}

let seed = 1
function random(): number {
  seed = (seed * 48_271) % 2_147_483_647
  return seed / 2_147_483_647
}
const wordAt = () => words[Math.floor(words.length ** random()) - 1]!
const makeText = () => Array.from({ length: 3 + Math.floor(random() * 15) }, wordAt).join(' ')

const house = await openHouse()
const { store, names, journal, rooms, views: roomViews, users } = house.parts
const amy = await house.user('amy')
const roomIds: RoomId[] = []
for (let index = 0; index < roomCount; index++) roomIds.push(await makeRoom(house, amy))
for (let sent = 0; sent < messageCount; sent += perTurn * roomCount) {
  await Promise.all(
    roomIds.map((roomId) => {
      const drafts = Array.from({ length: perTurn }, () => ({ type: 'm.room.message', content: { body: makeText() } }))
      return rooms.sendMany(roomId, amy.userId, drafts)
    }),
  )
}

const sizeOf = (): number => {
  const { options } = house.place
  return options.engine === 'sqlite' ? statSync(options.path).size : 0
}
const bytesBefore = sizeOf()
const index = await createMessageIndex({ store, names, rooms })
const begun = performance.now()
const cpuBefore = process.threadCpuUsage()
await index.catchUp(journal.committed())
const indexMs = performance.now() - begun
const { user: threadUs } = process.threadCpuUsage(cpuBefore)
await new Promise((resolve) => setTimeout(resolve, 1_000))
const bytes = sizeOf() - bytesBefore
const figures = {
  totalUs: (indexMs * 1_000) / messageCount,
  mainThreadUs: threadUs / messageCount,
  bytes: bytes / messageCount,
}
console.log(JSON.stringify({ bench: 'search', part: 'index', messageCount, ...figures }))

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const deps = {
  store,
  names,
  journal,
  rooms,
  roomViews,
  users,
  isLocal: () => true,
  clock: createSystemClock(),
  logger: silent,
}
const search = await createSearch(deps)
const terms = {
  rare: words[15_000]!,
  usual: words[300]!,
  common: words[0]!,
  'two common': `${words[0]} ${words[1]}`,
  beginning: words[300]!.slice(0, 3),
  nothing: 'zzzz',
}
for (const [name, term] of Object.entries(terms)) {
  for (const order of ['rank', 'recent'] as const) {
    const times: number[] = []
    let count = 0
    for (let round = 0; round < rounds; round++) {
      const startMs = performance.now()
      const text = await search.findMessages(amy, { search_term: term, order_by: order }, undefined)
      times.push(performance.now() - startMs)
      count = JSON.parse(text).search_categories.room_events.count
    }
    times.sort((one, other) => one - other)
    const [medianMs, worstMs] = [times[rounds >> 1]!, times.at(-1)!]
    console.log(JSON.stringify({ bench: 'search', part: `${name}, ${order}`, messageCount, count, medianMs, worstMs }))
  }
}
await house.close()
