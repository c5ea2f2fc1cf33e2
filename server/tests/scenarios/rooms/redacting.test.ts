/** Redactions: what is left of an event, in which version, and who may redact. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type EventId, eventIdOf, type RoomId } from '@parallax/protocol'
import { pduText } from '../../../src/rooms/index.ts'
import {
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

const versions = ['1', '2', '3', '6', '8', '9', '10', '11', '12']

let house: House
let alice: TestUser
let bob: TestUser
let last = 0
before(async () => {
  house = await openHouse()
  alice = await house.user('alice')
  bob = await house.user('bob')
})
after(() => house.close())

const redact = async (by: TestUser, roomId: RoomId, eventId: EventId, reason?: string) =>
  (await house.parts.flows.redact(by, { roomId, eventId, transactionId: `r${++last}`, reason })).eventId

test('in every version a redacted event keeps its ID and what the version keeps, also after a restart', async () => {
  for (const version of versions) {
    const roomId = await makeRoom(house, alice, { room_version: version })
    const target = await say(house, alice, roomId, 'secret')
    const redaction = await redact(alice, roomId, target, 'why not')
    for (const isRestarted of [false, true]) {
      if (isRestarted) await house.restart()
      const shown = await readEvent(house, alice, roomId, target)
      assert.deepEqual(shown.content, {})
      const { redacted_because: because } = shown.unsigned
      assert.deepEqual([because.event_id, because.content.reason, because.redacts], [redaction, 'why not', target])
      const itself = await readEvent(house, alice, roomId, redaction)
      assert.deepEqual([itself.redacts, itself.content.redacts], [target, target])
      const { chunk } = await readPage(house, alice, roomId)
      assert.equal(JSON.stringify(chunk).includes('secret'), false)
    }
    const info = (await house.parts.rooms.findRoom(roomId))!
    for (const eventId of [target, redaction]) {
      const stored = (await house.parts.rooms.findEvent(eventId))!
      const pdu = JSON.parse(pduText(stored))
      assert.equal(eventIdOf(info.rules, pdu), eventId)
      const isTarget = eventId === redaction && !info.rules.redactsInContent
      assert.equal(pdu.redacts, isTarget ? target : undefined)
    }
  }
})

test('the first redaction of an event is the one that is told', async () => {
  const roomId = await makeRoom(house, alice)
  const target = await say(house, alice, roomId, 'x')
  await Promise.all(['one', 'two'].map((reason) => redact(alice, roomId, target, reason)))
  await redact(alice, roomId, target, 'three')
  const { chunk } = await readPage(house, alice, roomId)
  const first = chunk.findLast(({ type }: { type: string }) => type === 'm.room.redaction').event_id
  const { unsigned } = await readEvent(house, alice, roomId, target)
  assert.equal(unsigned.redacted_because.event_id, first)
})

test('members redact their own events, others need the power, and nobody redacts from outside', async () => {
  for (const version of ['2', '11', '12']) {
    const roomId = await makeRoom(house, alice, { room_version: version })
    const stranger = await house.user('stranger')
    await house.parts.flows.join(bob, roomId, {})
    const byAlice = await say(house, alice, roomId, 'hers')
    const byBob = await say(house, bob, roomId, 'his')
    assert.equal(await errcodeOf(redact(stranger, roomId, byBob)), 'M_FORBIDDEN')
    assert.equal(await errcodeOf(redact(stranger, roomId, '$unknown' as EventId)), 'M_FORBIDDEN')
    assert.equal(await errcodeOf(redact(bob, roomId, '$unknown' as EventId)), 'M_NOT_FOUND')
    await redact(bob, roomId, byBob)
    await redact(alice, roomId, byBob)
    const other = await makeRoom(house, alice, { room_version: version })
    assert.equal(await errcodeOf(redact(alice, other, byAlice)), 'M_NOT_FOUND')
    const levels = { events: { 'm.room.redaction': 50 }, users: version === '12' ? {} : { [alice.userId]: 100 } }
    await setState(house, alice, roomId, ['m.room.power_levels', ''], levels)
    assert.equal(await errcodeOf(redact(bob, roomId, await say(house, bob, roomId, 'more'))), 'M_FORBIDDEN')
  }
})

test('a redacted state event stays in force with what is left of it', async () => {
  const roomId = await makeRoom(house, alice, { visibility: 'public', name: 'Bad name' })
  await house.parts.flows.join(bob, roomId, {})
  const name = (await house.parts.rooms.findStateEvent(
    (await house.parts.rooms.findRoom(roomId))!.room,
    'm.room.name',
    '',
  ))!
  const member = await setState(house, bob, roomId, ['m.room.member', bob.userId], {
    membership: 'join',
    displayname: 'Bad name',
  })
  await redact(alice, roomId, name.eventId)
  await redact(alice, roomId, member)
  for (const isRestarted of [false, true]) {
    if (isRestarted) await house.restart()
    assert.deepEqual(await readState(house, alice, roomId, 'm.room.name'), {})
    assert.deepEqual(await readState(house, alice, roomId, 'm.room.member', bob.userId), { membership: 'join' })
    const directory = JSON.stringify(await house.parts.flows.publicRooms({}))
    assert.equal(directory.includes('Bad name'), false)
    const { chunk } = await readPage(house, bob, roomId, { limit: 1000 })
    assert.equal(JSON.stringify(chunk).includes('Bad name'), false)
  }
  await say(house, bob, roomId, 'still here')
})

test('create and server ACL events cannot be redacted', async () => {
  const roomId = await makeRoom(house, alice, { room_version: '10' })
  const acl = await setState(house, alice, roomId, ['m.room.server_acl', ''], { allow: ['*'] })
  const { chunk } = await readPage(house, alice, roomId, { direction: 'f', limit: 1 })
  for (const target of [acl, chunk[0].event_id]) {
    assert.equal(await errcodeOf(redact(alice, roomId, target)), 'M_FORBIDDEN')
  }
})

test('a redaction sent as any other event redacts as well', async () => {
  for (const version of ['10', '12']) {
    const roomId = await makeRoom(house, alice, { room_version: version })
    const target = await say(house, alice, roomId, 'secret')
    const send = (redacts: unknown) =>
      house.parts.flows.send(alice, {
        roomId,
        type: 'm.room.redaction',
        content: { redacts } as never,
        transactionId: `s${++last}`,
      })
    await send(target)
    assert.deepEqual((await readEvent(house, alice, roomId, target)).content, {})
    for (const nonsense of ['not an event', 'a\u0000b', 7, null]) {
      const { eventId } = await send(nonsense)
      assert.deepEqual((await readEvent(house, alice, roomId, eventId)).content.redacts, nonsense)
    }
  }
})
