/** A server whose events break the authorisation rules, one after the other: nobody sees them, and nothing changes. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type EventDraft,
  type EventId,
  type JsonObject,
  type RoomEvent,
  requireRoomRules,
  type UserId,
} from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let peer: Peer
let ann: TestUser

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  peer.answer = () => ({ status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Not here.' } })
  ann = await server.register('ann')
})
after(async () => {
  await server.close()
  await peer.close()
})

const encode = encodeURIComponent
const pathOf = (roomId: string, rest: string) => `rooms/${encode(roomId)}/${rest}`
const set = (roomId: string, type: string, content: object) => ann.ok('PUT', pathOf(roomId, `state/${type}/`), content)

/** A room in which pat of the peer has level 50, and another user of the peer is banned. */
async function openLine(version: string): Promise<PeerLine> {
  const body = { preset: 'public_chat', room_version: version }
  const roomId = String((await ann.ok('POST', 'createRoom', body)).room_id)
  const creator = requireRoomRules(version).privilegedCreators ? {} : { [ann.userId]: 100 }
  const users = { ...creator, [`@pat:${peer.name}`]: 50 }
  await set(roomId, 'm.room.power_levels', { users, events: { 'm.room.name': 60, 'x.high': 80 } })
  await ann.ok('POST', pathOf(roomId, 'ban'), { user_id: `@banned:${peer.name}` })
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

type Crime = {
  readonly what: string
  /** Versions in which it is none, or no event at all. */
  readonly isLeftOut?: (version: number) => boolean
  readonly event: (line: PeerLine) => Partial<EventDraft>
}

const member = (stateKey: string, membership: unknown, more: object = {}): Partial<EventDraft> => ({
  ...{ type: 'm.room.member', stateKey, content: { membership, ...more } as JsonObject },
})
const of = (localpart: string) => `@${localpart}:${peer.name}` as UserId
const levelsOf = (line: PeerLine) => line.state.get(keyOf(line, 'm.room.power_levels'))!.content
const keyOf = (line: PeerLine, type: string) => [...line.state].find(([, event]) => event.type === type)![0]
const levels = (content: JsonObject): Partial<EventDraft> => ({ type: 'm.room.power_levels', stateKey: '', content })
const usersOf = (line: PeerLine) => levelsOf(line).users as JsonObject

/** An event that cites others than it should. */
function citing(line: PeerLine, change: (cited: readonly EventId[]) => readonly EventId[]): Partial<EventDraft> {
  const { authEvents } = line.say('model', { prevEvents: line.tips })
  return { type: 'm.room.message', content: { body: 'cites wrongly' }, authEvents: change(authEvents) }
}
const idOf = (line: PeerLine, type: string) => line.state.get(keyOf(line, type))!.eventId

const crimes: readonly Crime[] = [
  {
    what: 'a second create event',
    isLeftOut: (version) => version >= 12,
    event: () => ({ type: 'm.room.create', stateKey: '', content: { room_version: '11', creator: of('pat') } }),
  },
  { what: 'a message of who is not in the room', event: () => ({ sender: of('outside'), content: { body: 'x' } }) },
  { what: 'a message of who is banned', event: () => ({ sender: of('banned'), content: { body: 'x' } }) },
  { what: 'a join of who is banned', event: () => ({ sender: of('banned'), ...member(of('banned'), 'join') }) },
  { what: 'a join for somebody else', event: () => member(of('other'), 'join') },
  { what: 'a knock at an open door', event: () => ({ sender: of('knocker'), ...member(of('knocker'), 'knock') }) },
  { what: 'a membership that there is not', event: () => member(of('pat'), 'dance') },
  { what: 'a membership of nothing', event: () => member(of('pat'), undefined) },
  { what: 'a membership without a user', event: () => ({ ...member('', 'join'), stateKey: 'nobody' }) },
  { what: 'a kick of who stands higher', event: () => member(ann.userId, 'leave') },
  { what: 'a ban of who stands higher', event: () => member(ann.userId, 'ban') },
  { what: 'an invite of who is in the room', event: () => member(ann.userId, 'invite') },
  { what: 'an invite of who is banned', event: () => member(of('banned'), 'invite') },
  {
    what: 'an invite of who is not in the room',
    event: () => ({ sender: of('outside'), ...member(of('x'), 'invite') }),
  },
  {
    what: 'an invite that an identity server never proved',
    event: () => member(of('x'), 'invite', { third_party_invite: { signed: { mxid: of('x'), token: 't' } } }),
  },
  {
    what: 'state that needs a higher level',
    event: () => ({ type: 'm.room.name', stateKey: '', content: { name: 'taken' } }),
  },
  { what: 'a message that needs a higher level', event: () => ({ type: 'x.high', content: {} }) },
  { what: 'state in the name of another', event: () => ({ type: 'x.own', stateKey: ann.userId, content: {} }) },
  {
    what: 'more power for itself',
    event: (line) => levels({ ...levelsOf(line), users: { ...usersOf(line), [of('pat')]: 100 } }),
  },
  {
    what: 'power beyond its own for another',
    event: (line) => levels({ ...levelsOf(line), users: { ...usersOf(line), [of('other')]: 51 } }),
  },
  {
    what: 'a lower bar than its own',
    event: (line) => levels({ ...levelsOf(line), events: { ...(levelsOf(line).events as JsonObject), 'x.high': 0 } }),
  },
  { what: 'a bar beyond its own', event: (line) => levels({ ...levelsOf(line), ban: 51 }) },
  {
    what: 'levels for users that are none',
    event: (line) => levels({ ...levelsOf(line), users: { ...usersOf(line), pat: 0 } }),
  },
  {
    what: 'levels that are texts',
    isLeftOut: (version) => version < 10,
    event: (line) => levels({ ...levelsOf(line), invite: '0' }),
  },
  {
    what: 'levels of nothing',
    event: (line) => levels({ ...levelsOf(line), users: { ...usersOf(line), [of('pat')]: null } }),
  },
  {
    what: 'a citation of what has no say',
    event: (line) => citing(line, (cited) => [...cited, idOf(line, 'm.room.history_visibility')]),
  },
  {
    what: 'two citations of one kind',
    event: (line) => citing(line, (cited) => [...cited, [...line.events.values()].find(isFirstLevels)!.eventId]),
  },
  {
    what: 'no citation of the sender',
    event: (line) => citing(line, (cited) => cited.filter((id) => id !== line.room.join.eventId)),
  },
  { what: 'no citations at all', event: (line) => citing(line, () => []) },
  {
    what: 'a citation of the create event, or none',
    event: (line) => {
      const create = idOf(line, 'm.room.create')
      return citing(line, (cited) =>
        cited.includes(create) ? cited.filter((id) => id !== create) : [...cited, create],
      )
    },
  },
]

/** The levels that the room began with. */
function isFirstLevels({ type, content }: RoomEvent): boolean {
  return type === 'm.room.power_levels' && !Object.hasOwn(content.users as object, of('pat'))
}

async function stateOf({ room }: PeerLine): Promise<string[]> {
  const { body } = await ann.call('GET', pathOf(room.roomId, 'state'))
  return (body as unknown as { event_id: string }[]).map((event) => event.event_id).sort()
}

for (const version of ['6', '10', '12']) {
  describe(`a room of version ${version} lets nobody see, and is not changed by,`, () => {
    let line: PeerLine
    before(async () => {
      line = await openLine(version)
    })
    for (const { what, event, isLeftOut } of crimes) {
      if (isLeftOut?.(Number(version)) === true) continue
      it(what, async () => {
        const before = await stateOf(line)
        const bad = line.add({ ...event(line), prevEvents: line.tips })
        const good = line.say(`after ${what}`)
        assert.equal((await sendTransaction(peer, server, [bad, good])).status, 200)
        const eventPath = (one: RoomEvent) => pathOf(line.room.roomId, `event/${encode(one.eventId)}`)
        await waitFor(
          'the next message',
          async () => (await ann.call('GET', eventPath(good))).status === 200 || undefined,
        )
        assert.equal((await ann.call('GET', eventPath(bad))).status, 404)
        assert.deepEqual(await stateOf(line), before)
      })
    }
  })
}
