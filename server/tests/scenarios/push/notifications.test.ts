/** The list of what a user was notified of. Spec: client-server-api#listing-notifications. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

// biome-ignore lint/suspicious/noExplicitAny: what is answered is looked into
type AnyJson = any

describe('notifications', () => {
  let server: InProcess
  let transaction = 0

  before(async () => {
    server = await startInProcess()
  })
  after(() => server.close())

  const listOf = async (user: TestUser, query = ''): Promise<AnyJson> => user.ok('GET', `notifications${query}`)
  const bodiesOf = (list: AnyJson): string[] => list.notifications.map((one: AnyJson) => one.event.content.body)
  const send = async (user: TestUser, roomId: string, content: object): Promise<string> => {
    const path = `rooms/${roomId}/send/m.room.message/t${++transaction}`
    return String((await user.ok('PUT', path, { msgtype: 'm.text', ...content })).event_id)
  }
  const say = (user: TestUser, roomId: string, body: string) => send(user, roomId, { body })
  const read = (user: TestUser, roomId: string, eventId: string, body: object = {}) =>
    user.ok('POST', `rooms/${roomId}/receipt/m.read/${eventId}`, body)

  async function openRoom(name: string, request: object = {}) {
    const [ann, ben] = [await server.register(`ann-${name}`), await server.register(`ben-${name}`)]
    const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)
    await ben.ok('POST', `join/${roomId}`)
    return { ann, ben, roomId }
  }

  it('are those that the push rules name, newest first', async () => {
    const { ann, ben, roomId } = await openRoom('order')
    await say(ann, roomId, 'one')
    await send(ann, roomId, { body: 'a notice', msgtype: 'm.notice' })
    await say(ben, roomId, 'my own')
    await say(ann, roomId, 'two')
    const list = await listOf(ben)
    assert.deepEqual(bodiesOf(list), ['two', 'one'])
    const [two] = list.notifications
    assert.deepEqual(two.actions, ['notify', { set_tweak: 'sound', value: 'default' }])
    assert.equal(two.room_id, roomId)
    assert.equal(two.read, false)
    assert.equal(typeof two.ts, 'number')
    assert.equal(two.event.sender, ann.userId)
    assert.equal(two.event.room_id, undefined)
    assert.equal(list.next_token, undefined)
  })

  it('come also from what happens after the first question, at once', async () => {
    const { ann, ben, roomId } = await openRoom('later')
    assert.deepEqual(bodiesOf(await listOf(ben)), [])
    for (let index = 0; index < 5; index++) {
      await say(ann, roomId, `message ${index}`)
      assert.equal(bodiesOf(await listOf(ben))[0], `message ${index}`)
    }
    await server.restart()
    await say(ann, roomId, 'after a restart')
    assert.equal(bodiesOf(await listOf(ben)).length, 6)
  })

  it('are read when a receipt says so, threads apart', async () => {
    const { ann, ben, roomId } = await openRoom('read')
    const root = await say(ann, roomId, 'root')
    const relation = { 'm.relates_to': { rel_type: 'm.thread', event_id: root } }
    const reply = await send(ann, roomId, { body: 'reply', ...relation })
    await say(ann, roomId, 'unread')
    const readOf = async () => (await listOf(ben)).notifications.map(({ read }: { read: boolean }) => read)
    await read(ben, roomId, root, { thread_id: 'main' })
    assert.deepEqual(await readOf(), [false, false, true])
    await read(ben, roomId, reply, { thread_id: root })
    assert.deepEqual(await readOf(), [false, true, true])
  })

  it('can be only highlights', async () => {
    const { ann, ben, roomId } = await openRoom('highlight')
    const mention = { 'm.mentions': { user_ids: [ben.userId] } }
    await send(ann, roomId, { body: 'early', ...mention })
    await say(ann, roomId, 'plain')
    assert.deepEqual(bodiesOf(await listOf(ben, '?only=highlight')), ['early'])
    await send(ann, roomId, { body: 'late', ...mention })
    const list = await listOf(ben, '?only=highlight')
    assert.deepEqual(bodiesOf(list), ['late', 'early'])
    const tweaks = [{ set_tweak: 'sound', value: 'default' }, { set_tweak: 'highlight' }]
    assert.deepEqual(list.notifications[0].actions, ['notify', ...tweaks])
    assert.equal(bodiesOf(await listOf(ben)).length, 3)
  })

  it('are given page by page', async () => {
    const { ann, ben, roomId } = await openRoom('pages')
    for (let index = 0; index < 7; index++) await say(ann, roomId, `${index}`)
    const first = await listOf(ben, '?limit=3')
    assert.deepEqual(bodiesOf(first), ['6', '5', '4'])
    await say(ann, roomId, 'newer')
    const second = await listOf(ben, `?limit=3&from=${first.next_token}`)
    assert.deepEqual(bodiesOf(second), ['3', '2', '1'])
    const third = await listOf(ben, `?limit=3&from=${second.next_token}`)
    assert.deepEqual(bodiesOf(third), ['0'])
    assert.equal(third.next_token, undefined)
    assert.equal(refusalOf(await ben.call('GET', 'notifications?from=nonsense')), '400 M_INVALID_PARAM')
    assert.equal((await ben.call('GET', 'notifications?limit=-1')).status, 400)
  })

  it('tell of an invite until it is answered', async () => {
    const { ann, ben } = await openRoom('invite')
    const roomId = String(
      (await ann.ok('POST', 'createRoom', { invite: [ben.userId], preset: 'private_chat' })).room_id,
    )
    const [invite] = (await listOf(ben)).notifications
    assert.equal(invite.room_id, roomId)
    assert.equal(invite.event.type, 'm.room.member')
    await ben.ok('POST', `rooms/${roomId}/leave`)
    const again = await ann.ok('POST', `rooms/${roomId}/invite`, { user_id: ben.userId })
    assert.deepEqual(again, {})
    assert.equal((await listOf(ben)).notifications[0].event.content.membership, 'invite')
    await ben.ok('POST', `rooms/${roomId}/leave`)
    await ben.ok('POST', `rooms/${roomId}/forget`)
    assert.deepEqual((await listOf(ben)).notifications, [])
  })

  it('leave out what was redacted, what comes from ignored users, and what was never seen', async () => {
    const { ann, ben, roomId } = await openRoom('out')
    const early = await say(ann, roomId, 'redacted before')
    await ann.ok('PUT', `rooms/${roomId}/redact/${early}/t${++transaction}`)
    await listOf(ben)
    const late = await say(ann, roomId, 'redacted after')
    await ann.ok('PUT', `rooms/${roomId}/redact/${late}/t${++transaction}`)
    const content: JsonObject = { ignored_users: { [ann.userId]: {} } }
    await ben.ok('PUT', `user/${ben.userId}/account_data/m.ignored_user_list`, content)
    await say(ann, roomId, 'ignored')
    assert.deepEqual(bodiesOf(await listOf(ben)), [])
    const cleo = await server.register('cleo-out')
    await say(ben, roomId, 'before cleo')
    await cleo.ok('POST', `join/${roomId}`)
    assert.deepEqual(bodiesOf(await listOf(cleo)), [])
    await say(ben, roomId, 'after cleo')
    assert.deepEqual(bodiesOf(await listOf(cleo)), ['after cleo'])
  })

  it('follow a change of the rules', async () => {
    const { ann, ben, roomId } = await openRoom('rules')
    await listOf(ben)
    await ben.ok('PUT', `pushrules/global/room/${roomId}`, { actions: [] })
    await say(ann, roomId, 'muted')
    await ben.ok('PUT', 'pushrules/global/content/cake', {
      pattern: 'c?ke*',
      actions: ['notify', { set_tweak: 'x', value: 1 }],
    })
    await say(ann, roomId, 'A Cake for you')
    const list = await listOf(ben)
    assert.deepEqual(bodiesOf(list), ['A Cake for you'])
    assert.deepEqual(list.notifications[0].actions, ['notify', { set_tweak: 'x', value: 1 }])
  })
})
