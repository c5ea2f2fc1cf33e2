/** Pushers over HTTP: what gateways are told, in which order, and what they may answer. Spec: push-gateway-api. */

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { accept, allowGateways, type PushGateway, startPushGateway } from '../../kit/push-gateway.ts'
import { waitFor } from '../../kit/wait-for.ts'

describe('push gateways', () => {
  let server: InProcess
  let gateway: PushGateway
  let other: PushGateway
  let transaction = 0

  before(async () => {
    gateway = await startPushGateway()
    other = await startPushGateway()
    server = await startInProcess({}, allowGateways(gateway, other))
  })
  after(async () => {
    await server.close()
    await gateway.close()
    await other.close()
  })
  beforeEach(() => {
    for (const one of [gateway, other]) {
      one.told.length = 0
      one.answer = (_, response) => accept(response)
    }
  })

  const send = async (user: TestUser, roomId: string, content: object, type = 'm.room.message'): Promise<string> => {
    const path = `rooms/${roomId}/send/${type}/t${++transaction}`
    return String((await user.ok('PUT', path, content)).event_id)
  }
  const say = (user: TestUser, roomId: string, body: string) => send(user, roomId, { msgtype: 'm.text', body })
  const setPusher = (user: TestUser, pushkey: string, more: object = {}, to = gateway) =>
    user.ok('POST', 'pushers/set', {
      app_id: 'org.example.app',
      pushkey,
      kind: 'http',
      app_display_name: 'App',
      device_display_name: 'Phone',
      lang: 'en',
      ...more,
      data: { url: to.url, ...('data' in more ? (more.data as object) : {}) },
    })
  const toldOf = (pushkey: string, from = gateway) => from.told.filter(({ devices }) => devices[0].pushkey === pushkey)
  const waitForTold = (pushkey: string, count: number, from = gateway) =>
    waitFor(`${count} requests for ${pushkey}`, () => {
      const told = toldOf(pushkey, from)
      return told.length >= count ? told : undefined
    })

  async function openRoom(name: string, request: object = {}) {
    const [ann, ben] = [await server.register(`ann-${name}`), await server.register(`ben-${name}`)]
    const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)
    await ben.ok('POST', `join/${roomId}`)
    return { ann, ben, roomId }
  }

  it('are told all of an event', async () => {
    const { ann, ben, roomId } = await openRoom('all', { name: 'Tea', room_alias_name: 'tea' })
    await ann.ok('PUT', `profile/${ann.userId}/displayname`, { displayname: 'Ann' })
    await setPusher(ben, 'all', { data: { own: { key: 1 } } })
    const eventId = await say(ann, roomId, 'hello')
    const [told] = await waitForTold('all', 1)
    const { pushkey_ts: setSeconds, ...device } = told.devices[0]
    assert.ok(Math.abs(setSeconds - Date.now() / 1000) < 60)
    assert.deepEqual(device, {
      app_id: 'org.example.app',
      pushkey: 'all',
      data: { own: { key: 1 } },
      tweaks: { sound: 'default' },
    })
    assert.deepEqual(
      { ...told, devices: 0 },
      {
        event_id: eventId,
        room_id: roomId,
        type: 'm.room.message',
        sender: ann.userId,
        sender_display_name: 'Ann',
        room_name: 'Tea',
        room_alias: '#tea:test.example',
        prio: 'high',
        content: { msgtype: 'm.text', body: 'hello' },
        counts: { unread: 1 },
        devices: 0,
      },
    )
  })

  it('are told no more than the identifier where that is asked for', async () => {
    const { ann, ben, roomId } = await openRoom('id')
    await setPusher(ben, 'id', { data: { format: 'event_id_only' } })
    const eventId = await say(ann, roomId, 'secret')
    const [{ devices, ...told }] = await waitForTold('id', 1)
    assert.deepEqual(told, { event_id: eventId, room_id: roomId, prio: 'high', counts: { unread: 1 } })
    assert.deepEqual(devices[0].data, { format: 'event_id_only' })
  })

  it('are told nothing while the account is locked, nor of it afterwards', async () => {
    const { ann, ben, roomId } = await openRoom('locked')
    const lock = async (locked: boolean) => {
      const { administration } = server.program.components
      await administration.setAdmin('ann-locked', true)
      await (await server.logIn(ann)).ok('PUT', `/_matrix/client/v1/admin/lock/${encodeURIComponent(ben.userId)}`, {
        locked,
      })
    }
    await setPusher(ben, 'locked')
    await say(ann, roomId, 'before')
    await waitForTold('locked', 1)
    await lock(true)
    const hidden = await say(ann, roomId, 'meanwhile')
    // By then the first would have been told of.
    const { ann: other, ben: witness, roomId: room2 } = await openRoom('witness')
    await setPusher(witness, 'witness')
    await say(other, room2, 'look')
    await waitForTold('witness', 1)
    await lock(false)
    const shown = await say(ann, roomId, 'after')
    await waitFor('the news', () => toldOf('locked').some(({ event_id: id }) => id === shown) || undefined)
    const ids = toldOf('locked').map(({ event_id: id }) => id)
    assert.equal(ids.includes(hidden), false)
    await waitFor(
      'the count of all three',
      () => toldOf('locked').some(({ counts }) => counts.unread === 3) || undefined,
    )
  })

  it('are told of invites, urgency, and calls that were missed', async () => {
    const { ann, ben, roomId } = await openRoom('kinds')
    const cleo = await server.register('cleo-kinds')
    await cleo.ok('POST', `join/${roomId}`)
    await setPusher(ben, 'kinds')
    await say(ann, roomId, 'three in the room')
    const invited = await ann.ok('POST', 'createRoom', { preset: 'private_chat', invite: [ben.userId] })
    const [plain, invite] = await waitForTold('kinds', 2)
    assert.deepEqual([plain.prio, plain.user_is_target], ['low', undefined])
    assert.deepEqual([invite.prio, invite.room_id, invite.user_is_target], ['high', invited.room_id, true])
    await send(ann, roomId, { call_id: 'c', version: '1' }, 'm.call.invite')
    const call = (await waitForTold('kinds', 3))[2]
    assert.deepEqual(call.counts, { unread: 3, missed_calls: 1 })
    assert.deepEqual(call.devices[0].tweaks, { sound: 'ring' })
    await send(ann, roomId, { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'x' }, 'm.room.encrypted')
    assert.equal((await waitForTold('kinds', 4))[3].prio, 'high')
  })

  it('are told the count when messages are read', async () => {
    const { ann, ben, roomId } = await openRoom('badge')
    await setPusher(ben, 'badge')
    await say(ann, roomId, 'one')
    const last = await say(ann, roomId, 'two')
    await waitForTold('badge', 2)
    await ben.ok('POST', `rooms/${roomId}/receipt/m.read.private/${last}`, {})
    const { devices, ...badge } = (await waitForTold('badge', 3))[2]
    assert.deepEqual(badge, { prio: 'low', counts: { unread: 0 } })
    assert.equal(devices[0].pushkey, 'badge')
    await say(ann, roomId, 'three')
    await waitForTold('badge', 4)
    await say(ben, roomId, 'who speaks has read')
    assert.deepEqual((await waitForTold('badge', 5))[4].counts, { unread: 0 })
  })

  it('know what was unread before there was a pusher, and get nothing of it but the count', async () => {
    const { ann, ben, roomId } = await openRoom('past')
    await say(ann, roomId, 'one')
    await say(ann, roomId, 'two')
    await setPusher(ben, 'past')
    const [first] = await waitForTold('past', 1)
    assert.deepEqual([first.event_id, first.counts], [undefined, { unread: 2 }])
    const eventId = await say(ann, roomId, 'three')
    const second = (await waitForTold('past', 2))[1]
    assert.deepEqual([second.event_id, second.counts], [eventId, { unread: 3 }])
  })

  it('get everything in order and again until they answer well', async () => {
    const { ann, ben, roomId } = await openRoom('order')
    await setPusher(ben, 'order')
    let failures = 2
    gateway.answer = (_, response) => {
      if (failures-- > 0) response.writeHead(failures === 1 ? 500 : 302, { Location: other.url }).end('no')
      else accept(response)
    }
    const sent: string[] = []
    for (let index = 0; index < 15; index++) sent.push(await say(ann, roomId, `${index}`))
    const told = await waitForTold('order', 17)
    assert.deepEqual(
      told.map(({ event_id }) => event_id),
      [sent[0], sent[0], ...sent],
    )
    assert.deepEqual(toldOf('order', other), [])
  })

  it('get what they missed after a restart of the server, and little twice', async () => {
    const { ann, ben, roomId } = await openRoom('restart')
    await setPusher(ben, 'restart')
    const first = await say(ann, roomId, 'first')
    await waitForTold('restart', 1)
    gateway.answer = (_, response) => void response.writeHead(503).end()
    const missed = [await say(ann, roomId, 'second'), await say(ann, roomId, 'third')]
    await waitForTold('restart', 2)
    gateway.answer = () => {} // never
    await server.restart()
    gateway.answer = (_, response) => accept(response)
    gateway.told.length = 0
    const told = await waitForTold('restart', 2)
    assert.deepEqual(
      told.map(({ event_id }) => event_id),
      missed,
    )
    assert.ok(!told.some(({ event_id }) => event_id === first))
  })

  it('hold up nobody else when they are slow', async () => {
    const { ann, ben, roomId } = await openRoom('slow')
    const held: (() => void)[] = []
    other.answer = (_, response) => void held.push(() => accept(response))
    for (let index = 0; index < 20; index++) await setPusher(ben, `slow ${index}`, {}, other)
    await setPusher(ben, 'quick')
    const eventId = await say(ann, roomId, 'hello')
    assert.equal((await waitForTold('quick', 1))[0].event_id, eventId)
    const started = performance.now()
    await say(ann, roomId, 'again')
    const synced = await ben.ok('GET', 'sync')
    assert.ok(JSON.stringify(synced).includes('again'))
    assert.ok(performance.now() - started < 2_000)
    assert.equal((await waitForTold('quick', 2)).length, 2)
    assert.ok(held.length < 20, 'not all requests go to one gateway at once')
    other.answer = (_, response) => accept(response)
    for (const release of held) release()
    await waitForTold('slow 19', 1, other)
  })

  it('take a pusher away by rejecting its key', async () => {
    const { ann, ben, roomId } = await openRoom('reject')
    await setPusher(ben, 'good')
    await setPusher(ben, 'bad')
    gateway.answer = (notification, response) =>
      accept(response, notification.devices[0].pushkey === 'bad' ? ['bad', 'another'] : ['another'])
    await say(ann, roomId, 'hello')
    await waitFor('one pusher less', async () => {
      const { pushers } = (await ben.ok('GET', 'pushers')) as { pushers: { pushkey: string }[] }
      return pushers.length === 1 && pushers[0]?.pushkey === 'good' ? true : undefined
    })
    await say(ann, roomId, 'again')
    await waitForTold('good', 2)
    assert.equal(toldOf('bad').length, 1)
  })

  it('hear nothing after a pusher is gone: taken away, logged out, moved to another user', async () => {
    const { ann, ben, roomId } = await openRoom('gone')
    const phone = await server.logIn(ben)
    await setPusher(ben, 'deleted')
    await setPusher(phone, 'logged out')
    await setPusher(ben, 'moved')
    await setPusher(ben, 'kept')
    await say(ann, roomId, 'one')
    for (const key of ['deleted', 'logged out', 'moved', 'kept']) await waitForTold(key, 1)
    await ben.ok('POST', 'pushers/set', { app_id: 'org.example.app', pushkey: 'deleted', kind: null })
    await phone.ok('POST', 'logout')
    await setPusher(ann, 'moved')
    await say(ann, roomId, 'two')
    await waitForTold('kept', 2)
    await sleep(50)
    assert.deepEqual(
      ['deleted', 'logged out', 'moved'].map((key) => toldOf(key).length),
      [1, 1, 1],
    )
    await say(ben, roomId, 'for ann')
    assert.equal((await waitForTold('moved', 2))[1].sender, ben.userId)
  })

  it('are left alone where addresses are private, and by what is too old', async () => {
    const plain = await startInProcess({}, `push: { httpGateways: ['${gateway.origin}'] }\n`)
    try {
      const [ann, ben] = [await plain.register('ann'), await plain.register('ben')]
      const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
      await ben.ok('POST', `join/${roomId}`)
      await setPusher(ben, 'private')
      await say(ann, roomId, 'hello')
      await waitFor('a failure', async () => {
        const answer = plain.program.components.metrics.text()
        return /parallax_push_requests_total\{outcome="failed"\} [1-9]/.test(await answer) ? true : undefined
      })
      assert.deepEqual(toldOf('private'), [])
    } finally {
      await plain.close()
    }
    const { ann, ben, roomId } = await openRoom('old')
    gateway.answer = (_, response) => void response.writeHead(502).end()
    await setPusher(ben, 'old')
    await say(ann, roomId, 'too old in the end')
    await waitForTold('old', 1)
    server.clock.turn(25 * 3_600_000)
    gateway.answer = (_, response) => accept(response)
    const eventId = await say(ann, roomId, 'new')
    const told = await waitFor('the new one', () => toldOf('old').find(({ event_id }) => event_id === eventId))
    assert.equal(told.counts.unread, 2)
  })
})
