/** What happens here reaches the other servers of a room: two whole servers, over TLS. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

const encode = encodeURIComponent
let one: InProcess
let two: InProcess
let ann: TestUser
let bob: TestUser
let roomId: string
let count = 0

before(async () => {
  one = await startFederated()
  two = await startFederated()
  ann = await one.register('ann')
  bob = await two.register('bob')
  roomId = await makeShared()
})
after(async () => {
  await one.close()
  await two.close()
})

/** A room of ann's that bob has joined. */
async function makeShared(request: object = {}): Promise<string> {
  const made = await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })
  const id = String(made.room_id)
  await bob.ok('POST', `join/${encode(id)}?via=${encode(one.serverName)}`)
  return id
}

async function say(user: TestUser, body: string, id = roomId): Promise<string> {
  const message = { msgtype: 'm.text', body }
  return String((await user.ok('PUT', `rooms/${encode(id)}/send/m.room.message/${++count}`, message)).event_id)
}

/** The event as the user sees it, once it is there. */
const awaitEvent = (user: TestUser, eventId: string, id = roomId): Promise<AnyJson> =>
  waitFor(`the event ${eventId}`, async () => {
    const { status, body } = await user.call('GET', `rooms/${encode(id)}/event/${encode(eventId)}`)
    return status === 200 ? body : undefined
  })

const stateOf = async (user: TestUser, id: string): Promise<string[]> =>
  ((await user.ok('GET', `rooms/${encode(id)}/state`)) as AnyJson).map((event: AnyJson) => event.event_id).sort()

it('messages go both ways, in order', async () => {
  assert.equal((await awaitEvent(bob, await say(ann, 'hello bob'))).content.body, 'hello bob')
  assert.equal((await awaitEvent(ann, await say(bob, 'hello ann'))).content.body, 'hello ann')
  const sent: string[] = []
  for (let index = 0; index < 120; index++) sent.push(await say(ann, `many ${index}`))
  await awaitEvent(bob, sent.at(-1)!)
  const page = (await bob.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=120`)) as AnyJson
  assert.deepEqual(page.chunk.map((event: AnyJson) => event.event_id).reverse(), sent)
})

it('changes of state reach all; who is put out is told', async () => {
  const id = await makeShared()
  await ann.ok('PUT', `rooms/${encode(id)}/state/m.room.topic`, { topic: 'new' })
  await awaitEvent(bob, await say(ann, 'after', id), id)
  assert.deepEqual(await stateOf(bob, id), await stateOf(ann, id))
  await ann.ok('POST', `rooms/${encode(id)}/kick`, { user_id: bob.userId, reason: 'out' })
  await waitFor('the kick', async () => {
    const { rooms } = (await bob.ok('GET', `sync?filter=${encode('{"room":{"include_leave":true}}')}`)) as AnyJson
    return rooms?.leave?.[id]
  })
})

it('what was sent while the other server was away arrives when it is back, once', async () => {
  const id = await makeShared()
  const missed: string[] = []
  await two.restart(async () => {
    missed.push(await say(ann, 'one', id), await say(ann, 'two', id))
    await one.restart()
    missed.push(await say(ann, 'three', id))
  })
  // The first server leaves the other one alone for a while; a sign of life ends that.
  await bob.ok('POST', `join/${encode(id)}`)
  await say(bob, 'back', id)
  for (const eventId of missed) await awaitEvent(bob, eventId, id)
  const page = (await bob.ok('GET', `rooms/${encode(id)}/messages?dir=b&limit=50`)) as AnyJson
  const bodies = page.chunk.flatMap((event: AnyJson) => event.content.body ?? [])
  for (const body of ['one', 'two', 'three']) assert.equal(bodies.filter((each: string) => each === body).length, 1)
})

it('typing, receipts and presence are told', async () => {
  const eventId = await say(bob, 'read me')
  await awaitEvent(ann, eventId)
  await ann.ok('POST', `rooms/${encode(roomId)}/receipt/m.read/${encode(eventId)}`, {})
  await ann.ok('PUT', `rooms/${encode(roomId)}/typing/${encode(ann.userId)}`, { typing: true, timeout: 20_000 })
  await waitFor('receipt and typing', async () => {
    const { rooms } = (await bob.ok('GET', 'sync')) as AnyJson
    const { events } = rooms.join[roomId].ephemeral
    const receipts = events.filter((event: AnyJson) => event.type === 'm.receipt')
    const hasReceipt = receipts.some((event: AnyJson) => event.content[eventId]?.['m.read']?.[ann.userId] !== undefined)
    const isTyping = events.some((event: AnyJson) => event.content.user_ids?.includes(ann.userId))
    return hasReceipt && isTyping ? true : undefined
  })
  await ann.ok('PUT', `presence/${encode(ann.userId)}/status`, { presence: 'online', status_msg: 'over there' })
  await waitFor('presence', async () => {
    const { body } = await bob.call('GET', `presence/${encode(ann.userId)}/status`)
    return body.status_msg === 'over there' ? true : undefined
  })
})

it('messages to devices arrive once, also after a restart', async () => {
  const send = (note: string) =>
    ann.ok('PUT', `sendToDevice/org.example.note/${++count}`, {
      messages: { [bob.userId]: { [bob.deviceId]: { note } }, '@x:localhost:1': { '*': { note } } },
    })
  await send('first')
  await two.restart(async () => {
    await send('second')
    await one.restart()
  })
  await say(bob, 'alive again')
  await send('third')
  const notes: string[] = []
  let since = ''
  await waitFor('three messages', async () => {
    const reply = (await bob.ok('GET', `sync${since}`)) as AnyJson
    since = `?since=${reply.next_batch}`
    for (const event of reply.to_device?.events ?? []) notes.push(event.content.note)
    return notes.length >= 3 ? true : undefined
  })
  assert.deepEqual(notes, ['first', 'second', 'third'])
})

it('changed devices are told, and keys are asked for and claimed', async () => {
  const { next_batch: since } = (await bob.ok('GET', 'sync')) as AnyJson
  const keys = {
    user_id: ann.userId,
    device_id: ann.deviceId,
    algorithms: ['m.megolm.v1.aes-sha2'],
    keys: { [`ed25519:${ann.deviceId}`]: 'a'.repeat(43) },
    signatures: {},
  }
  const oneTime = { 'signed_curve25519:AAAA': { key: 'b'.repeat(43), signatures: {} } }
  await ann.ok('POST', 'keys/upload', { device_keys: keys, one_time_keys: oneTime })
  await waitFor('the changed device', async () => {
    const { device_lists: lists } = (await bob.ok('GET', `sync?since=${since}`)) as AnyJson
    return lists?.changed?.includes(ann.userId) ? true : undefined
  })
  const query = { device_keys: { [ann.userId]: [], '@nobody:localhost:1': [] } }
  const found = (await bob.ok('POST', 'keys/query', query)) as AnyJson
  assert.deepEqual(found.device_keys[ann.userId][ann.deviceId].keys, keys.keys)
  assert.ok(found.failures['localhost:1'])
  const claim = { one_time_keys: { [ann.userId]: { [ann.deviceId]: 'signed_curve25519' } } }
  const claimed = (await bob.ok('POST', 'keys/claim', claim)) as AnyJson
  assert.deepEqual(Object.keys(claimed.one_time_keys[ann.userId][ann.deviceId]), ['signed_curve25519:AAAA'])
  const again = (await bob.ok('POST', 'keys/claim', claim)) as AnyJson
  assert.deepEqual(again.one_time_keys, {})
})
