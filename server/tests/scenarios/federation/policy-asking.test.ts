/** A room's policy server is asked about what our users send, and about what other servers send without asking it. */

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type JsonObject, type RoomEvent, roomVersions, signaturesOf } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type Answered, type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { finishTemplate, joinAsPeer, makeMember, sendMember } from '../../kit/peer-rooms.ts'
import { makePolicyServer, namePolicy, type PolicyPeer, refusal, signPath } from '../../kit/policy-server.ts'
import { waitFor } from '../../kit/wait-for.ts'

const version = '11'
let server: InProcess
/** The policy server, and another server. */
let guard: Peer
let other: Peer
let policy: PolicyPeer
let ann: TestUser

before(async () => {
  server = await startFederated()
  guard = await startPeer()
  other = await startPeer(10)
  ann = await server.register('ann')
})
after(async () => {
  await server.close()
  await guard.close()
  await other.close()
})
beforeEach(() => {
  for (const peer of [guard, other]) peer.answer = () => ({ status: 200, body: { pdus: {} } })
  policy = makePolicyServer(guard, version)
  // The pause after a test in which it did not answer.
  server.clock.turn(6_000)
})

const encode = encodeURIComponent
let texts = 0

function say(roomId: string, body: string, user = ann): Promise<Answered> {
  return user.call('PUT', `rooms/${encode(roomId)}/send/m.room.message/${++texts}`, { msgtype: 'm.text', body })
}

async function readTexts(roomId: string): Promise<unknown[]> {
  const page = await ann.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=50`)
  const events = (page.chunk as { type: string; content: { body?: string } }[]).reverse()
  return events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body)
}

/** A room with the policy server in it; named as such unless `isNamed` is false. */
async function openRoom({ isNamed = true, roomVersion = version } = {}) {
  const roomId = String(
    (await ann.ok('POST', 'createRoom', { preset: 'public_chat', room_version: roomVersion })).room_id,
  )
  const room = await joinAsPeer(guard, server, roomId, 'guard')
  if (isNamed) await namePolicy(ann, roomId, guard.name, policy.publicKey)
  return { roomId, room }
}

async function pduOf(eventId: unknown): Promise<JsonObject> {
  const answer = await guard.ask(server.serverName, 'GET', `/_matrix/federation/v1/event/${encode(String(eventId))}`)
  return (answer.body as { pdus: JsonObject[] }).pdus[0]!
}

describe('what a user of ours sends', () => {
  for (const roomVersion of roomVersions.keys()) {
    it(`has the signature of the policy server, version ${roomVersion}`, async () => {
      policy = makePolicyServer(guard, roomVersion)
      const { roomId } = await openRoom({ roomVersion })
      const sent = await say(roomId, 'hello')
      assert.equal(sent.status, 200)
      assert.deepEqual(policy.asked(), ['hello'])
      const pdu = await pduOf(sent.body.event_id)
      assert.ok(signaturesOf(pdu, guard.name).has('ed25519:policy_server' as never))
      assert.equal(signaturesOf(pdu, server.serverName).size, 1)
    })
  }

  it('is refused with the words of the policy server, and never part of the room', async () => {
    const { roomId } = await openRoom()
    const answer = await say(roomId, 'spam')
    assert.equal(answer.status, 400)
    assert.deepEqual(answer.body, { errcode: 'M_FORBIDDEN', error: 'No spam here.' })
    const sent = await say(roomId, 'after that')
    const refused = policy.asked().indexOf('spam')
    assert.ok(refused >= 0)
    assert.deepEqual(await readTexts(roomId), ['after that'])
    const policyId = ((await ann.ok('GET', `rooms/${encode(roomId)}/state`)) as unknown as JsonObject[]).find(
      ({ type }) => type === 'm.room.policy',
    )
    assert.deepEqual((await pduOf(sent.body.event_id)).prev_events, [policyId?.event_id])
  })

  it('side by side: what is refused costs its neighbours nothing', async () => {
    const { roomId } = await openRoom()
    const bodies = Array.from({ length: 12 }, (_, index) => (index % 3 === 1 ? `spam ${index}` : `fine ${index}`))
    const answers = await Promise.all(bodies.map((body) => say(roomId, body)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      bodies.map((body) => (body.startsWith('spam') ? 400 : 200)),
    )
    assert.deepEqual((await readTexts(roomId)).sort(), bodies.filter((body) => body.startsWith('fine')).sort())
  })

  it('is checked whatever it is, but for the naming itself', async () => {
    const { roomId } = await openRoom()
    policy.decide = () => refusal('M_FORBIDDEN', 'Nothing.')
    const state = (type: string, key: string, content: object) =>
      ann.call('PUT', `rooms/${encode(roomId)}/state/${type}/${key}`, content)
    const ben = await server.register(`ben${++texts}`)
    for (const answer of [
      await state('m.room.name', '', { name: 'x' }),
      await state('m.room.policy', 'key', { via: 'x' }),
      await ann.call('PUT', `rooms/${encode(roomId)}/send/m.room.policy/${++texts}`, { via: 'x' }),
      await ben.call('POST', `join/${encode(roomId)}`),
      await ann.call('POST', `rooms/${encode(roomId)}/invite`, { user_id: ben.userId }),
      await ann.call('POST', `rooms/${encode(roomId)}/invite`, { user_id: `@new:${other.name}` }),
    ]) {
      assert.equal(refusalOf(answer), '400 M_FORBIDDEN')
    }
    const before = policy.asked().length
    assert.equal((await state('m.room.policy', '', {})).status, 200)
    assert.equal((await say(roomId, 'free')).status, 200)
    assert.equal(policy.asked().length, before)
  })

  it('is refused if the answer is no valid signature, and no answer logs anybody out', async () => {
    const { roomId } = await openRoom()
    const answers: [PeerAnswer, string][] = [
      [{ status: 200, body: {} }, '502 M_UNKNOWN'],
      [{ status: 200, body: { [guard.name]: { 'ed25519:policy_server': 'A'.repeat(86) } } }, '502 M_UNKNOWN'],
      [{ status: 200, body: { [guard.name]: { 'ed25519:policy_server': 7 } } }, '502 M_UNKNOWN'],
      [{ status: 200, body: [] }, '502 M_UNKNOWN'],
      [refusal('M_UNKNOWN_TOKEN', 'Log out.', 401), '403 M_FORBIDDEN'],
      [refusal('M_USER_DEACTIVATED', 'Gone.', 403), '403 M_FORBIDDEN'],
      [refusal('M_NOT_FOUND', 'What room?', 404), '404 M_NOT_FOUND'],
      [refusal('M_UNRECOGNIZED', 'I am none.', 404), '403 M_FORBIDDEN'],
    ]
    for (const [answer, expected] of answers) {
      policy.decide = () => answer
      assert.equal(refusalOf(await say(roomId, 'x')), expected)
    }
    assert.deepEqual(await readTexts(roomId), [])
  })

  it('is refused at once after the policy server did not answer, until a while later', async () => {
    const { roomId } = await openRoom()
    policy.decide = () => undefined
    assert.equal(refusalOf(await say(roomId, 'one')), '502 M_UNKNOWN')
    const asked = policy.asked().length
    policy.decide = policy.sign
    assert.equal(refusalOf(await say(roomId, 'two')), '502 M_UNKNOWN')
    assert.equal(policy.asked().length, asked)
    server.clock.turn(6_000)
    assert.equal((await say(roomId, 'three')).status, 200)
    assert.deepEqual(await readTexts(roomId), ['three'])
  })

  it('is asked about only where the room uses a policy server', async () => {
    const { roomId } = await openRoom({ isNamed: false })
    const set = (content: object) => ann.ok('PUT', `rooms/${encode(roomId)}/state/m.room.policy/`, content)
    const keys = { ed25519: policy.publicKey }
    for (const content of [
      ...[{}, { via: guard.name }, { via: guard.name, public_keys: {} }, { via: 7, public_keys: keys }],
      ...[
        { via: other.name, public_keys: keys },
        { via: guard.name, public_keys: { ed25519: 7 } },
      ],
    ]) {
      await set(content)
      assert.equal((await say(roomId, 'hello')).status, 200, JSON.stringify(content))
    }
    assert.deepEqual(policy.asked(), [])
  })

  it('is free again when the policy server has left', async () => {
    const { roomId } = await openRoom()
    const userId = `@guard:${guard.name}`
    const template = await makeMember(guard, server, 'leave', roomId, userId)
    await sendMember(guard, server, 'leave', finishTemplate(guard, template, 'leave', userId))
    const asked = policy.asked().length
    assert.equal((await say(roomId, 'spam')).status, 200)
    assert.equal(policy.asked().length, asked)
  })
})

describe('what another server sends', () => {
  async function openLine(): Promise<PeerLine> {
    const { roomId } = await openRoom({ isNamed: false })
    const line = startLine(other, await joinAsPeer(other, server, roomId))
    await namePolicy(ann, roomId, guard.name, policy.publicKey)
    return line
  }
  const send = (events: readonly (RoomEvent | JsonObject)[]) => sendTransaction(other, server, events)

  it('is asked about if it has no valid signature, and hidden if it gets none', async () => {
    const line = await openLine()
    const { roomId } = line.room
    const [bare, signed, forged, spam, last] = ['bare', 'signed', 'forged', 'spam', 'last'].map((body) =>
      line.say(body),
    )
    const withBad = { [guard.name]: { 'ed25519:policy_server': 'A'.repeat(86) } }
    const pdus = [
      bare!.pdu,
      policy.signed(signed!.pdu),
      { ...forged!.pdu, signatures: { ...(forged!.pdu.signatures as JsonObject), ...withBad } },
      spam!.pdu,
      policy.signed(last!.pdu),
    ]
    await send(pdus)
    await waitFor('the last', async () => ((await readTexts(roomId)).includes('last') ? true : undefined))
    assert.deepEqual(await readTexts(roomId), ['bare', 'signed', 'forged', 'last'])
    assert.deepEqual(policy.asked().slice(-3), ['bare', 'forged', 'spam'])
    assert.ok(signaturesOf(await pduOf(bare!.eventId), guard.name).has('ed25519:policy_server' as never))
    assert.equal((await ann.call('GET', `rooms/${encode(roomId)}/event/${encode(spam!.eventId)}`)).status, 404)
  })

  it('is hidden if the policy server does not answer, unless it is signed already', async () => {
    const line = await openLine()
    const { roomId } = line.room
    policy.decide = () => undefined
    const lost = line.say('lost')
    await send([lost])
    await waitFor('the question', () => policy.asked().at(-1) === 'lost' || undefined)
    const after = policy.signed(line.say('after').pdu)
    await send([after])
    await waitFor('the next', async () => ((await readTexts(roomId)).includes('after') ? true : undefined))
    assert.deepEqual(await readTexts(roomId), ['after'])
  })

  it('joins only if the policy server lets it', async () => {
    const { roomId } = await openRoom()
    policy.decide = () => refusal('M_FORBIDDEN', 'Stay out.')
    const userId = `@out:${other.name}`
    const join = async () => {
      const template = await makeMember(other, server, 'join', roomId, userId)
      return sendMember(other, server, 'join', finishTemplate(other, template, 'join', userId))
    }
    assert.equal((await join()).status, 403)
    policy.decide = policy.sign
    assert.equal((await join()).status, 200)
    const asked = guard.asked.filter(({ path }) => path === signPath).at(-1)
    assert.equal(asked?.body.state_key, userId)
  })
})
