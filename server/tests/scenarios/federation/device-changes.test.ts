/** What other servers are told of our users' devices: when these change, and when the users come into their rooms. */

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { hostRoom, letIn } from '../../kit/peer-hosts.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

type Edu = { readonly edu_type: string; readonly content: JsonObject }

const encode = encodeURIComponent
let server: InProcess
let ann: TestUser
let peer: Peer
let count = 0
/** Device changes that the peer took. */
let told: JsonObject[] = []
let isAway = false

before(async () => {
  server = await startFederated()
})
after(() => server.close())

beforeEach(async () => {
  ann = await server.register(`ann${++count}`)
  peer = await startPeer()
  told = []
  isAway = false
  peer.answer = ({ path, body }) => {
    if (!path.startsWith('/_matrix/federation/v1/send/')) return { status: 404, body: { errcode: 'M_NOT_FOUND' } }
    if (isAway) return undefined
    const changes = (body.edus as unknown as Edu[]).filter(({ edu_type: type }) => type === 'm.device_list_update')
    told.push(...changes.map(({ content }) => content))
    return { status: 200, body: { pdus: {} } }
  }
})
afterEach(() => peer.close())

async function openRoom(): Promise<string> {
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await joinAsPeer(peer, server, roomId)
  return roomId
}

const upload = (user: TestUser) =>
  user.ok('POST', 'keys/upload', {
    device_keys: {
      ...{ user_id: user.userId, device_id: user.deviceId, algorithms: ['m.megolm.v1.aes-sha2'] },
      ...{ keys: { [`ed25519:${user.deviceId}`]: 'a'.repeat(43) }, signatures: {} },
    },
  })
const ofUser = (user: TestUser) => told.filter(({ user_id: userId }) => userId === user.userId)
const owed = async () => {
  const { reader } = server.program.components.store
  return Number((await reader.all<{ n: number }>`SELECT COUNT(*) AS n FROM outbox_user`)[0]!.n)
}
const awaitTold = (user: TestUser) => waitFor('the change', () => (ofUser(user).length > 0 ? true : undefined))
/** A sign of life. */
const speak = () => peer.ask(server.serverName, 'GET', '/_matrix/federation/v1/query/profile?user_id=@nobody:x')

it('a change that a server missed is told when it is back, once, over a restart', async () => {
  await openRoom()
  isAway = true
  await upload(ann)
  const { destinations } = server.program.components.remote
  await waitFor('a failure', () => (destinations.retryAtMs(peer.name) > 0 ? true : undefined))
  await waitFor('the change to be owed', async () => ((await owed()) === 1 ? true : undefined))
  await server.restart()
  assert.equal(await owed(), 1)
  isAway = false
  await speak()
  await awaitTold(ann)
  await waitFor('nothing to be owed', async () => ((await owed()) === 0 ? true : undefined))
  assert.deepEqual(new Set(ofUser(ann).map(({ device_id: device }) => device)), new Set([ann.deviceId]))
  assert.ok(ofUser(ann)[0]!.keys)
})

it('many changes that a server missed are told as one', async () => {
  await openRoom()
  isAway = true
  await upload(ann)
  for (let index = 0; index < 5; index++)
    await ann.ok('PUT', `devices/${ann.deviceId}`, { display_name: `no. ${index}` })
  await waitFor('the change to be owed', async () => ((await owed()) === 1 ? true : undefined))
  await server.restart()
  isAway = false
  await speak()
  await awaitTold(ann)
  await waitFor('nothing to be owed', async () => ((await owed()) === 0 ? true : undefined))
  assert.ok(ofUser(ann).length <= 2, `${ofUser(ann).length} times`)
})

it('who comes into its first room with a server is made known there, with what is told next', async () => {
  const line = await hostRoom(peer)
  letIn(peer, line)
  const hosted = peer.answer
  peer.answer = (request) => {
    if (!request.path.startsWith('/_matrix/federation/v1/send/')) return hosted(request)
    for (const { edu_type: type, content } of request.body.edus as unknown as Edu[]) {
      if (type === 'm.device_list_update') told.push(content)
    }
    return { status: 200, body: { pdus: {} } }
  }
  await ann.ok('POST', `join/${encode(line.roomId)}?via=${encode(peer.name)}`)
  await waitFor('ann to be owed', async () => ((await owed()) === 1 ? true : undefined))
  await ann.ok('PUT', `rooms/${encode(line.roomId)}/send/m.room.message/1`, { msgtype: 'm.text', body: 'hello' })
  await awaitTold(ann)
  assert.equal(ofUser(ann)[0]!.device_id, ann.deviceId)
  assert.equal(ofUser(ann)[0]!.deleted, undefined)
  await ann.ok('PUT', `profile/${encode(ann.userId)}/displayname`, { displayname: 'Ann' })
  await upload(ann)
  await waitFor('the keys', () => (ofUser(ann).some(({ keys }) => keys !== undefined) ? true : undefined))
  assert.equal(ofUser(ann).length, 2)
})

it('who has keys is made known at once where it comes in', async () => {
  await upload(ann)
  await openRoom()
  const bob = await server.register(`bob${count}`)
  await upload(bob)
  const roomId = String(((await ann.ok('GET', 'joined_rooms')) as { joined_rooms: string[] }).joined_rooms[0])
  await bob.ok('POST', `join/${encode(roomId)}`)
  await awaitTold(bob)
  assert.ok(ofUser(bob)[0]!.keys)
})

it('what a server shares no room for any more is not told to it', async () => {
  const roomId = await openRoom()
  isAway = true
  await upload(ann)
  await waitFor('the change to be owed', async () => ((await owed()) === 1 ? true : undefined))
  await ann.ok('POST', `rooms/${encode(roomId)}/leave`)
  await server.restart()
  isAway = false
  await speak()
  await waitFor('nothing to be owed', async () => ((await owed()) === 0 ? true : undefined))
  assert.deepEqual(ofUser(ann), [])
})
