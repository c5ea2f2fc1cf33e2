/** Messages of the server to a user. Spec: client-server-api#server-notices. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let server: InProcess
let admin: TestUser
let amy: TestUser
before(async () => {
  server = await startInProcess()
  const root = await server.register('root')
  await server.program.components.administration.setAdmin('root', true)
  admin = await server.logIn(root)
  amy = await server.register('amy')
})
after(() => server.close())

const path = '/_synapse/admin/v1/send_server_notice'
const notice = (user: TestUser, body: string) => ({ user_id: user.userId, content: { msgtype: 'm.text', body } })
const invites = async (user: TestUser): Promise<AnyJson> =>
  ((await user.ok('GET', 'sync')) as AnyJson).rooms?.invite ?? {}

test('a notice comes by an invitation to a tagged room, which cannot be rejected but left', async () => {
  const { event_id: eventId } = await admin.ok('POST', path, notice(amy, 'The server rests on Sunday.'))
  const [[roomId, section]] = Object.entries(await invites(amy)) as [[string, AnyJson]]
  assert.equal(section.invite_state.events.at(-1).sender, '@_server:test.example')
  assert.equal(refusalOf(await amy.call('POST', `rooms/${roomId}/leave`)), '403 M_CANNOT_LEAVE_SERVER_NOTICE_ROOM')
  const member = `rooms/${roomId}/state/m.room.member/${amy.userId}`
  assert.equal(
    refusalOf(await amy.call('PUT', member, { membership: 'leave' })),
    '403 M_CANNOT_LEAVE_SERVER_NOTICE_ROOM',
  )
  await amy.ok('POST', `join/${roomId}`)
  const joined = ((await amy.ok('GET', 'sync')) as AnyJson).rooms.join[roomId]
  assert.ok(joined.timeline.events.some((event: AnyJson) => event.event_id === eventId))
  assert.deepEqual(joined.account_data.events, [{ type: 'm.tag', content: { tags: { 'm.server_notice': {} } } }])
  const answer = await amy.call('PUT', `rooms/${roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'why?' })
  assert.equal(refusalOf(answer), '403 M_FORBIDDEN')
  await amy.ok('POST', `rooms/${roomId}/leave`)
  await admin.ok('POST', path, notice(amy, 'And on Monday.'))
  assert.deepEqual(Object.keys(await invites(amy)), [roomId])
})

test('a repeated request sends one notice; who blocks invitations gets it all the same', async () => {
  const ben = await server.register('ben')
  const blocking = { default_action: 'block' }
  await ben.ok('PUT', `user/${ben.userId}/account_data/m.invite_permission_config`, blocking)
  const first = await admin.ok('PUT', `${path}/t1`, notice(ben, 'once'))
  assert.deepEqual(await admin.ok('PUT', `${path}/t1`, notice(ben, 'once')), first)
  assert.deepEqual(await invites(ben), {})
  const { rooms } = await ben.ok('GET', 'sync')
  assert.equal(Object.keys((rooms as { join: object }).join).length, 1)
})

test('only admins send notices, and nobody takes the name that they come from', async () => {
  assert.equal(refusalOf(await amy.call('POST', path, notice(amy, 'x'))), '403 M_FORBIDDEN')
  assert.equal(refusalOf(await admin.call('POST', path, {})), '400 M_MISSING_PARAM')
  const stranger = { ...notice(amy, 'x'), user_id: '@nobody:test.example' }
  assert.equal(refusalOf(await admin.call('POST', path, stranger)), '404 M_NOT_FOUND')
  const registration = { username: '_server', password: 'a long password', auth: { type: 'm.login.dummy' } }
  assert.equal(refusalOf(await server.call('POST', 'register', { body: registration })), '400 M_EXCLUSIVE')
})
