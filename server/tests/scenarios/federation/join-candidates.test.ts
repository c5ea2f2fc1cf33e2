/** Which servers are asked for a join, and what a refusal of one of them means. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

const encode = encodeURIComponent
let one: InProcess
let two: InProcess
let peer: Peer
let ann: TestUser
let bob: TestUser

before(async () => {
  one = await startFederated()
  two = await startFederated()
  peer = await startPeer()
  ann = await one.register('ann')
  bob = await two.register('bob')
})
after(async () => {
  await Promise.all([one.close(), two.close()])
  await peer.close()
})

const makeRoom = async (request: object = {}): Promise<string> =>
  String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)

const join = (user: TestUser, roomId: string, ...via: string[]) =>
  user.call('POST', `join/${encode(roomId)}?${via.map((server) => `via=${encode(server)}`).join('&')}`)

const refuse = (status: number, errcode: string): PeerAnswer => ({ status, body: { errcode, error: 'No.' } })

describe('a room that was left, joined by way of a server that is named', () => {
  const answers: [string, () => PeerAnswer | undefined, number][] = [
    ['cannot check the user', () => refuse(400, 'M_UNABLE_TO_AUTHORISE_JOIN'), 403],
    ['refuses the user', () => refuse(403, 'M_FORBIDDEN'), 403],
    ['says that another may help', () => refuse(400, 'M_UNABLE_TO_GRANT_JOIN'), 200],
    ['does not know the room', () => refuse(404, 'M_NOT_FOUND'), 200],
    ['does not answer', () => undefined, 200],
  ]
  for (const [what, answer, expected] of answers) {
    it(`that ${what}: others are ${expected === 200 ? 'asked' : 'not asked'}`, async () => {
      const roomId = await makeRoom()
      assert.equal((await join(bob, roomId, one.serverName)).status, 200)
      await bob.ok('POST', `rooms/${encode(roomId)}/leave`)
      peer.answer = answer
      assert.equal((await join(bob, roomId, peer.name)).status, expected)
      assert.equal((await join(bob, roomId, peer.name, one.serverName)).status, 200)
    })
  }
})

describe('a restricted room that nobody here can let the user into, for all that is known here', () => {
  let count = 0

  /** Nobody but the peer may invite; who is in the space may join. */
  async function openRestricted(): Promise<{ line: PeerLine; dora: TestUser }> {
    const pat = `@pat:${peer.name}`
    const levels = { events: {}, invite: 100, users: { [ann.userId]: 50, [pat]: 100 } }
    const roomId = await makeRoom({ room_version: '11', power_level_content_override: levels })
    const line = startLine(peer, await joinAsPeer(peer, one, roomId))
    const space = await makeRoom()
    const rule = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: space }] }
    await ann.ok('PUT', `rooms/${encode(roomId)}/state/m.room.join_rules`, rule)
    const dora = await one.register(`dora${++count}`)
    await dora.ok('POST', `join/${encode(space)}`)
    return { line, dora }
  }

  it('is joined once what was on its way has arrived', async () => {
    const { line, dora } = await openRestricted()
    const pat = line.userId
    peer.answer = async ({ path }) => {
      if (!path.includes('make_join')) return { status: 200, body: { pdus: {} } }
      const content = { invite: 50, users: { [ann.userId]: 50, [pat]: 100 } }
      const levels = line.add({ type: 'm.room.power_levels', stateKey: '', content })
      assert.deepEqual(resultsOf(await sendTransaction(peer, one, [levels])), { [levels.eventId]: 'ok' })
      return refuse(403, 'M_FORBIDDEN')
    }
    assert.equal((await join(dora, line.room.roomId)).status, 200)
    const path = `rooms/${encode(line.room.roomId)}/state/m.room.member/${encode(dora.userId)}`
    const member = await waitFor('the member', async () => (await dora.call('GET', path)).body)
    assert.equal(member.join_authorised_via_users_server, ann.userId)
  })

  it('is refused after a few tries, and at once to who is in no room that counts', async () => {
    const { line, dora } = await openRestricted()
    let asked = 0
    peer.answer = ({ path }) => {
      if (!path.includes('make_join')) return { status: 200, body: { pdus: {} } }
      asked++
      return refuse(403, 'M_FORBIDDEN')
    }
    assert.equal(refusalOf(await join(dora, line.room.roomId)), '403 M_FORBIDDEN')
    assert.ok(asked > 1 && asked < 10, `${asked}`)
    asked = 0
    const stranger = await one.register(`stranger${++count}`)
    assert.equal(refusalOf(await join(stranger, line.room.roomId)), '403 M_FORBIDDEN')
    assert.equal(asked, 1)
  })
})
