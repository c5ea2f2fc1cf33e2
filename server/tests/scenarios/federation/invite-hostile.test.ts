/** Servers that answer an invitation of their users, or the end of one of ours, with lies. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  buildInviteBody,
  type EventId,
  type JsonObject,
  type JsonValue,
  type RoomEvent,
  type RoomId,
  requireRoomRules,
  signEvent,
} from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, type PeerRequest, startPeer } from '../../kit/peer.ts'
import { hostRoom } from '../../kit/peer-hosts.ts'

const encode = encodeURIComponent
let server: InProcess
let peer: Peer
let ann: TestUser

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  ann = await server.register('ann')
})
after(async () => {
  await server.close()
  await peer.close()
})

const refuse = (status: number, errcode: string): PeerAnswer => ({ status, body: { errcode, error: 'No.' } })
const signed = (version: string, event: JsonObject): JsonObject =>
  signEvent(requireRoomRules(version), event, peer.signer) as JsonObject

async function invite(version: string): Promise<{ roomId: string; refusal: string; membership: unknown }> {
  const { room_id: roomId } = await ann.ok('POST', 'createRoom', { room_version: version, name: 'Come' })
  const path = `rooms/${encode(String(roomId))}`
  const reply = await ann.call('POST', `${path}/invite`, { user_id: `@pat:${peer.name}` })
  const member = await ann.call('GET', `${path}/state/m.room.member/${encode(`@pat:${peer.name}`)}`)
  return { roomId: String(roomId), refusal: refusalOf(reply), membership: member.body.membership }
}

describe('an invitation is not sent', () => {
  const answers: readonly [what: string, answer: (event: JsonObject) => PeerAnswer, refusal: string][] = [
    ['without the other server’s signature', (event) => ok({ event }), '502 M_UNKNOWN'],
    ['if it is answered with nothing', () => ok({}), '502 M_UNKNOWN'],
    ['if it is answered with another content', (event) => ok({ event: changed(event) }), '502 M_UNKNOWN'],
    ['if the signature is false', (event) => ok({ event: falsified(event) }), '502 M_UNKNOWN'],
    ['if it is refused', () => refuse(403, 'M_FORBIDDEN'), '403 M_FORBIDDEN'],
    ['if the version is unknown there', unknownVersion, '400 M_UNSUPPORTED_ROOM_VERSION'],
    ['if the other server fails', () => refuse(500, 'M_UNKNOWN'), '502 M_UNKNOWN'],
  ]
  const ok = (body: JsonValue): PeerAnswer => ({ status: 200, body })
  const changed = (event: JsonObject) => signed('11', { ...event, content: { membership: 'join' } })
  const falsified = (event: JsonObject): JsonObject => ({
    ...event,
    signatures: { ...(event.signatures as JsonObject), [peer.name]: { [peer.key.keyId]: 'A'.repeat(86) } },
  })
  function unknownVersion(): PeerAnswer {
    return { status: 400, body: { errcode: 'M_INCOMPATIBLE_ROOM_VERSION', error: 'No.', room_version: '11' } }
  }
  for (const [what, answer, refusal] of answers) {
    it(what, async () => {
      peer.answer = ({ body }) => answer(body.event as JsonObject)
      const result = await invite('11')
      assert.deepEqual([result.refusal, result.membership], [refusal, undefined])
    })
  }
})

describe('an invitation', () => {
  it('tells what the room is, its create event as a whole event', async () => {
    let asked: PeerRequest | undefined
    peer.answer = (request) => {
      asked = request
      return { status: 200, body: { event: signed('12', request.body.event as JsonObject) } }
    }
    assert.equal((await invite('12')).membership, 'invite')
    const { invite_room_state: state, room_version: version } = asked!.body as JsonObject & {
      invite_room_state: JsonObject[]
    }
    assert.equal(version, '12')
    const create = state.find(({ type }) => type === 'm.room.create')!
    assert.ok(create.hashes !== undefined && create.signatures !== undefined && create.depth === 1)
    assert.ok(state.some(({ type, content }) => type === 'm.room.name' && (content as JsonObject).name === 'Come'))
  })

  it('goes by the older API where the newer one is not known', async () => {
    peer.answer = ({ path, body }) =>
      path.includes('/v2/') ? refuse(404, 'M_UNRECOGNIZED') : { status: 200, body: [200, { event: signed('1', body) }] }
    assert.equal((await invite('1')).membership, 'invite')
  })
})

describe('the end of an invitation', () => {
  const template = (roomId: RoomId, change: JsonObject): JsonValue => ({
    room_version: '11',
    event: {
      ...{ type: 'm.room.member', room_id: roomId, sender: ann.userId, state_key: ann.userId, depth: 9 },
      ...{ content: { membership: 'leave' }, prev_events: [], auth_events: [], origin_server_ts: 1, ...change },
    },
  })
  const lies: readonly [what: string, answer: (roomId: RoomId) => JsonValue][] = [
    ['another room', (roomId) => template(roomId, { room_id: '!other:example.org' })],
    ['another user', (roomId) => template(roomId, { sender: '@eve:example.org', state_key: '@eve:example.org' })],
    ['a join', (roomId) => template(roomId, { content: { membership: 'join' } })],
    ['an unknown version', (roomId) => ({ ...(template(roomId, {}) as JsonObject), room_version: 'org.new' })],
    ['nothing', () => ({})],
  ]
  for (const [what, answer] of lies) {
    it(`is signed for nothing else: a template of ${what}`, async () => {
      const room = hostRoom(peer)
      const event = room.build({ type: 'm.room.member', stateKey: ann.userId, content: { membership: 'invite' } })
      await sendInvite(event, [...room.state.values()])
      const invites = async () =>
        ((await ann.ok('GET', 'sync')) as { rooms?: { invite?: JsonObject } }).rooms?.invite ?? {}
      assert.ok(Object.hasOwn(await invites(), room.roomId))
      const before = peer.asked.length
      peer.answer = () => ({ status: 200, body: answer(room.roomId) })
      await ann.ok('POST', `rooms/${encode(room.roomId)}/leave`)
      assert.ok(!Object.hasOwn(await invites(), room.roomId))
      assert.ok(peer.asked.slice(before).every(({ path }) => !path.includes('/send_leave/')))
    })
  }

  async function sendInvite(event: RoomEvent, state: readonly RoomEvent[]): Promise<void> {
    const path = `/_matrix/federation/v2/invite/${encode(event.roomId)}/${encode(event.eventId as EventId)}`
    const { status } = await peer.ask(
      server.serverName,
      'PUT',
      path,
      buildInviteBody(requireRoomRules('11'), event, state),
    )
    assert.equal(status, 200)
  }
})
