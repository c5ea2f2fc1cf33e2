/** A server that lies when a user of ours joins its room: the join fails clearly, or the lie counts for nothing. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  createSigner,
  createSigningKey,
  type EventId,
  type JsonObject,
  type JsonValue,
  signJson,
  type UserId,
} from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { sendTransaction } from '../../kit/peer-events.ts'
import { type Doorman, type HostedRoom, hostRoom, type JoinBody, letIn } from '../../kit/peer-hosts.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let peer: Peer
let bob: TestUser

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  bob = await server.register('bob')
})
after(async () => {
  await server.close()
  await peer.close()
})

const encode = encodeURIComponent
const join = ({ roomId }: HostedRoom) => bob.call('POST', `join/${encode(roomId)}?via=${encode(peer.name)}`)
const stateOf = ({ roomId }: HostedRoom, type: string, key = '') =>
  bob.call('GET', `rooms/${encode(roomId)}/state/${type}/${encode(key)}`)

type Lie = {
  readonly what: string
  readonly refusal: string
  readonly version?: string
  readonly prepare?: (room: HostedRoom) => void
  readonly template?: Doorman['template']
  readonly reply?: (reply: JoinBody, room: HostedRoom) => JsonValue
}

const without = (reply: JoinBody, type: string): JoinBody => {
  const others = (list: JsonValue[]) => list.filter((event) => (event as JsonObject).type !== type)
  return { ...reply, state: others(reply.state), auth_chain: others(reply.auth_chain) }
}

const changedEvent = (template: JsonObject, change: JsonObject): JsonObject => ({
  ...template,
  event: { ...(template.event as JsonObject), ...change },
})

const lies: readonly Lie[] = [
  {
    what: 'a room version that does not exist',
    template: (template) => ({ ...template, room_version: 'org.example.none' }),
    refusal: '400 M_UNSUPPORTED_ROOM_VERSION',
  },
  {
    what: 'a template for another room',
    template: (template) => changedEvent(template, { room_id: '!other:example.org' }),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'a template for another user',
    template: (template) => changedEvent(template, { sender: '@eve:example.org', state_key: '@eve:example.org' }),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'a template for another thing',
    template: (template) => changedEvent(template, { type: 'm.room.power_levels', content: { users_default: 100 } }),
    refusal: '502 M_UNKNOWN',
  },
  { what: 'a template that is none', template: () => [], refusal: '502 M_UNKNOWN' },
  { what: 'a state that is none', reply: () => ({ state: 7, auth_chain: {} }), refusal: '502 M_UNKNOWN' },
  { what: 'a state of nothing', reply: () => ({ state: [], auth_chain: [] }), refusal: '502 M_UNKNOWN' },
  {
    what: 'no create event',
    reply: (reply) => without(reply, 'm.room.create'),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'a create event of another room version',
    template: (template) => ({ ...template, room_version: '10' }),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'another join than ours',
    reply: (reply, room) => ({ ...reply, event: room.build({ type: 'm.room.topic', stateKey: '' }).pdu }),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'our join with another content',
    reply: (reply) => ({ ...reply, event: { ...(reply.event as JsonObject), content: { membership: 'ban' } } }),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'a state without the members',
    reply: (reply) => ({ ...reply, members_omitted: true, servers_in_room: [peer.name] }),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'a state that does not let the user in',
    reply: (reply) => without(reply, 'm.room.join_rules'),
    refusal: '403 M_FORBIDDEN',
  },
  {
    what: 'more events than any room has',
    reply: (reply) => ({ ...reply, state: Array.from({ length: 500_001 }, () => 0) }),
    refusal: '502 M_UNKNOWN',
  },
  {
    what: 'a create event that it has not signed',
    reply: (reply) => ({
      ...reply,
      state: reply.state.map((event) =>
        (event as JsonObject).type === 'm.room.create' ? { ...(event as JsonObject), signatures: {} } : event,
      ),
      auth_chain: [],
    }),
    refusal: '400 M_BAD_STATE',
  },
]

describe('a join is refused, and the room can be joined later, when the server tells', () => {
  for (const lie of lies) {
    it(lie.what, async () => {
      const room = hostRoom(peer)
      const doorman = letIn(peer, room)
      if (lie.template !== undefined) doorman.template = lie.template
      if (lie.reply !== undefined) doorman.reply = (reply) => lie.reply!(reply, room)
      assert.equal(refusalOf(await join(room)), lie.refusal)
      assert.equal(refusalOf(await stateOf(room, 'm.room.create')), '403 M_FORBIDDEN')
      assert.ok(!((await bob.ok('GET', 'joined_rooms')).joined_rooms as string[]).includes(room.roomId))
      letIn(peer, room)
      assert.equal((await join(room)).status, 200)
    })
  }
})

describe('a told state', () => {
  const joinTold = async (room: HostedRoom, ...more: JsonValue[]): Promise<void> => {
    const doorman = letIn(peer, room)
    doorman.reply = (reply) => ({ ...reply, state: [...reply.state, ...more] })
    assert.equal((await join(room)).status, 200)
  }

  it('counts without events that another server has not signed', async () => {
    const room = hostRoom(peer)
    const other = createSigner(peer.name, createSigningKey('forged', new Uint8Array(32).fill(77)))
    const topic = room.build({ type: 'm.room.topic', stateKey: '', content: { topic: 'forged' } })
    const { signatures: _right, ...unsigned } = topic.pdu
    const victim = room.build({
      ...{ type: 'm.room.member', sender: '@victim:localhost:1' as UserId, stateKey: '@victim:localhost:1' },
      content: { membership: 'join' },
    })
    await joinTold(room, signJson(unsigned, other), victim.pdu)
    assert.equal(refusalOf(await stateOf(room, 'm.room.topic')), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await stateOf(room, 'm.room.member', '@victim:localhost:1')), '404 M_NOT_FOUND')
  })

  it('counts without events that were never allowed', async () => {
    const room = hostRoom(peer)
    const liar = `@liar:${peer.name}` as UserId
    const topic = room.build({ type: 'm.room.topic', stateKey: '', sender: liar, content: { topic: 'from outside' } })
    const name = room.build({ type: 'm.room.name', stateKey: '', content: { name: 'changed later' } })
    await joinTold(room, topic.pdu, { ...name.pdu, content: { name: 'another' } })
    assert.equal(refusalOf(await stateOf(room, 'm.room.topic')), '404 M_NOT_FOUND')
    // What its hash does not cover is as redacted.
    assert.deepEqual((await stateOf(room, 'm.room.name')).body, {})
  })

  it('counts without events of other rooms, and without what is not in it', async () => {
    const room = hostRoom(peer)
    const other = hostRoom(peer)
    const topic = other.build({ type: 'm.room.topic', stateKey: '', content: { topic: 'elsewhere' } })
    const message = room.build({ content: { body: 'no state' } })
    await joinTold(room, topic.pdu, message.pdu, null, 'text', { type: 'm.room.topic' })
    assert.equal(refusalOf(await stateOf(room, 'm.room.topic')), '404 M_NOT_FOUND')
  })

  it('may cite in a circle: what does is left out', async () => {
    const room = hostRoom(peer, '1')
    const [a, b] = [`$a:${peer.name}` as EventId, `$b:${peer.name}` as EventId]
    room.events.set(a, room.tip).set(b, room.tip)
    const known = [...room.state.values()].map(({ eventId }) => eventId)
    const make = (eventId: EventId, type: string, cited: EventId) =>
      room.build({ eventId, type, stateKey: '', authEvents: [...known, cited] })
    await joinTold(room, make(a, 'm.room.topic', b).pdu, make(b, 'm.room.name', a).pdu)
    assert.equal(refusalOf(await stateOf(room, 'm.room.topic')), '404 M_NOT_FOUND')
  })

  it('that bans the user who joins lets nobody in', async () => {
    const room = hostRoom(peer)
    room.add({ type: 'm.room.member', stateKey: bob.userId, content: { membership: 'ban' } })
    letIn(peer, room)
    assert.equal(refusalOf(await join(room)), '403 M_FORBIDDEN')
  })
})

describe('events of a room that is being joined', () => {
  it('are taken after its state, though they came before it', async () => {
    const room = hostRoom(peer)
    const doorman = letIn(peer, room)
    let sent: Promise<unknown> | undefined
    doorman.reply = async (reply) => {
      const message = room.build({
        ...{ content: { msgtype: 'm.text', body: 'early' }, depth: room.tip.depth + 2 },
        prevEvents: [joinIdOf(peer)],
      })
      sent = sendTransaction(peer, server, [message])
      await new Promise((resolve) => setTimeout(resolve, 100))
      return reply
    }
    assert.equal((await join(room)).status, 200)
    await sent
    await waitFor('the early message', async () => {
      const { chunk } = await bob.ok('GET', `rooms/${encode(room.roomId)}/messages?dir=b&limit=5`)
      return (chunk as JsonObject[]).find(({ content }) => (content as JsonObject).body === 'early')
    })
  })
})

/** The ID of the join that the peer was asked to take last. */
function joinIdOf({ asked }: Peer): EventId {
  const { path } = asked.findLast((request) => request.path.includes('/send_join/'))!
  return decodeURIComponent(path.split('?')[0]!.split('/').at(-1)!) as EventId
}
