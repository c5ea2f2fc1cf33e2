/** Sending into rooms: transaction IDs, order under load, what a refused event leaves behind. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RoomId, stateKeyOf } from '@parallax/protocol'
import {
  bodiesOf,
  errcodeOf,
  type House,
  makeRoom,
  openHouse,
  readEvent,
  readPage,
  readState,
  say,
  setState,
  type TestUser,
} from '../../kit/rooms.ts'

let house: House
let alice: TestUser
before(async () => {
  house = await openHouse()
  alice = await house.user('alice')
})
after(() => house.close())

const sendWith = (sender: TestUser, roomId: RoomId, transactionId: string, type = 'm.room.message') =>
  house.parts.flows.send(sender, { roomId, type, content: { body: 'x' }, transactionId }).then((sent) => sent.eventId)

test('a hundred sends at once are acknowledged once each and make one chain without forks', async () => {
  const roomId = await makeRoom(house, alice)
  const texts = Array.from({ length: 100 }, (_, index) => `m${index}`)
  const ids = await Promise.all(texts.map((text) => say(house, alice, roomId, text)))
  assert.equal(new Set(ids).size, 100)
  const page = await readPage(house, alice, roomId, { direction: 'f', limit: 1000 })
  assert.deepEqual(bodiesOf(page.chunk), texts)
  const info = (await house.parts.rooms.findRoom(roomId))!
  const stored = await house.parts.rooms.listTimeline(info.room, { direction: 'forwards', limit: 1000 })
  for (const [index, event] of stored.entries()) {
    const { prev_events: previous, depth } = JSON.parse(`{${event.rest}}`)
    assert.deepEqual(previous, index === 0 ? [] : [stored[index - 1]!.eventId])
    assert.equal(depth, index + 1)
  }
})

test('a transaction ID answers the same event again, at once, later and after a restart', async () => {
  const roomId = await makeRoom(house, alice)
  const [first, second] = await Promise.all([sendWith(alice, roomId, 'again'), sendWith(alice, roomId, 'again')])
  assert.equal(second, first)
  assert.equal(await sendWith(alice, roomId, 'again'), first)
  await house.restart()
  assert.equal(await sendWith(alice, roomId, 'again'), first)
  assert.equal((await readEvent(house, alice, roomId, first)).unsigned.transaction_id, 'again')
})

test('a transaction ID counts for one room, one path and one device', async () => {
  const roomId = await makeRoom(house, alice)
  const other = await makeRoom(house, alice)
  const phone = await house.user('alice', 'PHONE')
  const bob = await house.user('bob')
  await house.parts.flows.join(bob, roomId, {})
  const [target, target2] = [await say(house, alice, roomId, 'a'), await say(house, alice, roomId, 'b')]
  const redact = (eventId: typeof target) =>
    house.parts.flows.redact(alice, { roomId, eventId, transactionId: 'one', reason: undefined })
  const ids = await Promise.all([
    sendWith(alice, roomId, 'one'),
    sendWith(alice, other, 'one'),
    sendWith(alice, roomId, 'one', 'm.other'),
    sendWith(phone, roomId, 'one'),
    sendWith(bob, roomId, 'one'),
    redact(target).then((sent) => sent.eventId),
    redact(target2).then((sent) => sent.eventId),
  ])
  assert.equal(new Set(ids).size, ids.length)
  assert.equal((await redact(target)).eventId, ids[5])
  const shown = await readEvent(house, phone, roomId, ids[0]!)
  assert.equal(shown.unsigned.transaction_id, undefined)
})

test('a refused event costs its neighbours nothing and leaves no name behind', async () => {
  const roomId = await makeRoom(house, alice)
  const stranger = await house.user('stranger')
  const refused = [
    sendWith(stranger, roomId, 'r1', 'secret.type.one'),
    setState(house, stranger, roomId, ['secret.type.two', 'secret key'], {}),
    house.parts.flows.send(alice, { roomId, type: 'secret.type.three', content: { body: 'x'.repeat(70_000) } }),
    house.parts.flows.invite(stranger, roomId, '@nobody:test.example' as never),
  ]
  const good = Array.from({ length: 20 }, (_, index) => say(house, alice, roomId, `n${index}`))
  const codes = await Promise.all(refused.map(errcodeOf))
  assert.deepEqual(codes, ['M_FORBIDDEN', 'M_FORBIDDEN', 'M_TOO_LARGE', 'M_FORBIDDEN'])
  assert.equal(new Set(await Promise.all(good)).size, 20)
  const texts = ['secret.type.one', 'secret.type.two', 'secret.type.three', stateKeyOf('secret.type.two', 'secret key')]
  const found = await house.parts.names.find([...texts, '@nobody:test.example'])
  assert.deepEqual(found, [undefined, undefined, undefined, undefined, undefined])
})

test('an unknown room answers as one that the sender is not in', async () => {
  const closed = await makeRoom(house, alice, { preset: 'private_chat' })
  const stranger = await house.user('stranger')
  const unknown = '!nowhere:test.example' as RoomId
  for (const roomId of [closed, unknown]) {
    assert.equal(await errcodeOf(sendWith(stranger, roomId, 'u')), 'M_FORBIDDEN')
    assert.equal(await errcodeOf(setState(house, stranger, roomId, ['m.room.name', ''], {})), 'M_FORBIDDEN')
    assert.equal(await errcodeOf(house.parts.flows.leave(stranger, roomId)), 'M_FORBIDDEN')
    for (const change of ['invite', 'kick', 'ban', 'unban'] as const) {
      assert.equal(await errcodeOf(house.parts.flows[change](stranger, roomId, alice.userId)), 'M_FORBIDDEN')
    }
    assert.equal(await errcodeOf(readState(house, stranger, roomId, 'm.room.create')), 'M_FORBIDDEN')
    assert.equal(await errcodeOf(readPage(house, stranger, roomId)), 'M_FORBIDDEN')
    assert.equal(await errcodeOf(house.parts.flows.localAliases(stranger, roomId)), 'M_FORBIDDEN')
  }
})

test('who has left may send no more', async () => {
  const roomId = await makeRoom(house, alice)
  const bob = await house.user('bob')
  await house.parts.flows.join(bob, roomId, {})
  await sendWith(bob, roomId, 'before')
  await house.parts.flows.leave(bob, roomId)
  assert.equal(await errcodeOf(sendWith(bob, roomId, 'after')), 'M_FORBIDDEN')
})

test('state that is set already is not set again, but only who may set it is told so', async () => {
  const roomId = await makeRoom(house, alice)
  const bob = await house.user('bob')
  await house.parts.flows.join(bob, roomId, {})
  await setState(house, alice, roomId, ['m.room.power_levels', ''], { state_default: 0 })
  const first = await setState(house, bob, roomId, ['m.room.topic', ''], { topic: 'T', list: [1, { a: 1, b: 2 }] })
  const again = await setState(house, bob, roomId, ['m.room.topic', ''], { list: [1, { b: 2, a: 1 }], topic: 'T' })
  assert.equal(again, first)
  const byAlice = await setState(house, alice, roomId, ['m.room.topic', ''], { topic: 'T', list: [1, { a: 1, b: 2 }] })
  assert.notEqual(byAlice, first)
  await setState(house, bob, roomId, ['m.room.topic', ''], { topic: 'U' })
  await house.parts.flows.leave(bob, roomId)
  assert.equal(await errcodeOf(setState(house, bob, roomId, ['m.room.topic', ''], { topic: 'U' })), 'M_FORBIDDEN')
})

test('an event that breaks the format is refused as such', async () => {
  const send = (version: string, content: object, type = 'm.test') =>
    makeRoom(house, alice, { room_version: version }).then((roomId) =>
      errcodeOf(house.parts.flows.send(alice, { roomId, type, content: content as never, transactionId: 'f' })),
    )
  assert.equal(await send('11', { number: 1.5 }), 'M_BAD_JSON')
  assert.equal(await send('6', { number: 2 ** 53 }), 'M_BAD_JSON')
  assert.equal(await send('5', { number: 1.5 }), 'ok')
  assert.equal(await send('12', { text: 'x'.repeat(65_536) }), 'M_TOO_LARGE')
  assert.equal(await send('12', {}, 't'.repeat(256)), 'M_TOO_LARGE')
  assert.equal(await send('12', {}, 't'.repeat(255)), 'ok')
  for (const version of ['1', '10', '11', '12']) {
    const roomId = await makeRoom(house, alice, { room_version: version })
    const create = setState(house, alice, roomId, ['m.room.create', ''], { room_version: version, more: 1 })
    assert.equal(await errcodeOf(create), 'M_BAD_JSON', `create in version ${version}`)
    const key = setState(house, alice, roomId, ['m.test', 'k'.repeat(256)], {})
    assert.equal(await errcodeOf(key), 'M_TOO_LARGE')
    const user = setState(house, alice, roomId, ['m.test', '@bob:test.example'], {})
    assert.equal(await errcodeOf(user), 'M_FORBIDDEN')
  }
})

test('of several events sent together either all are stored or none', async () => {
  const roomId = await makeRoom(house, alice)
  const before = (await house.parts.rooms.findRoom(roomId))!
  const drafts = [
    { type: 'm.room.topic', stateKey: '', content: { topic: 'half' } },
    { type: 'm.half', content: {} },
    { type: 'm.room.member', stateKey: '@x:test.example', content: { membership: 'join' } },
  ]
  assert.equal(await errcodeOf(house.parts.rooms.sendMany(roomId, alice.userId, drafts)), 'M_FORBIDDEN')
  assert.deepEqual(await house.parts.rooms.findRoom(roomId), before)
  assert.equal(await errcodeOf(readState(house, alice, roomId, 'm.room.topic')), 'M_NOT_FOUND')
  const sent = await house.parts.rooms.sendMany(roomId, alice.userId, drafts.slice(0, 2))
  assert.equal(sent.length, 2)
  assert.equal((await readState(house, alice, roomId, 'm.room.topic')).topic, 'half')
})

test('types and state keys may hold any character, a NUL too, also after a restart', async () => {
  const roomId = await makeRoom(house, alice)
  const keys = ['', '\u0000', '\u0001', 'a\u0000b', '🦊', '1:a', "'; --"]
  for (const key of keys) await setState(house, alice, roomId, [`odd\u0000${key}`, key], { key })
  await house.restart()
  for (const key of keys) {
    assert.equal((await readState(house, alice, roomId, `odd\u0000${key}`, key)).key, key)
    await setState(house, alice, roomId, [`odd\u0000${key}`, key], { key, again: true })
  }
})
