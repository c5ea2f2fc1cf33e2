/** This server as the policy server of rooms: of its own, and of those of other servers. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type JsonObject, type JsonValue, type ServerName, signaturesOf } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type Answered, type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { namePolicy, signPath } from '../../kit/policy-server.ts'
import { waitFor } from '../../kit/wait-for.ts'

/** Lets everything be said; lets nothing be said; is no policy server. */
let open: InProcess
let shut: InProcess
let none: InProcess
let peer: Peer
let ann: TestUser
let bob: TestUser
let cid: TestUser

before(async () => {
  open = await startFederated('policyServer: { enabled: true }')
  shut = await startFederated('policyServer: { enabled: true, decision: refuse }')
  none = await startFederated()
  peer = await startPeer()
  peer.answer = () => ({ status: 200, body: { pdus: {} } })
  ann = await open.register('ann')
  bob = await none.register('bob')
  cid = await shut.register('cid')
})
after(async () => {
  await Promise.all([open.close(), shut.close(), none.close()])
  await peer.close()
})

const encode = encodeURIComponent
let texts = 0

function say(user: TestUser, roomId: string, body: string): Promise<Answered> {
  return user.call('PUT', `rooms/${encode(roomId)}/send/m.room.message/${++texts}`, { msgtype: 'm.text', body })
}

async function keyOf(server: InProcess): Promise<string> {
  const { body } = await server.call('GET', '/.well-known/matrix/policy_server')
  return String((body.public_keys as JsonObject).ed25519)
}

/** A room that its maker's server protects, with bob of another server in it. */
async function openRoom(maker: TestUser, server: InProcess, version = '12'): Promise<string> {
  const body = { preset: 'public_chat', room_version: version }
  const roomId = String((await maker.ok('POST', 'createRoom', body)).room_id)
  await bob.ok('POST', `join/${encode(roomId)}?via=${server.serverName}`)
  await namePolicy(maker, roomId, server.serverName, await keyOf(server))
  return roomId
}

async function knowsPolicy(user: TestUser, roomId: string): Promise<void> {
  await waitFor('the policy', async () => {
    const { status } = await user.call('GET', `rooms/${encode(roomId)}/state/m.room.policy/`)
    return status === 200 || undefined
  })
}

const textOf = (user: TestUser, roomId: string, eventId: unknown) =>
  waitFor('the message', async () => {
    const { status, body } = await user.call('GET', `rooms/${encode(roomId)}/event/${encode(String(eventId))}`)
    return status === 200 ? (body.content as JsonObject).body : undefined
  })

describe('a room of two servers, one of them its policy server', () => {
  it('takes what both say, with one signature more', async () => {
    const roomId = await openRoom(ann, open)
    await knowsPolicy(bob, roomId)
    const fromBob = (await say(bob, roomId, 'from bob')).body.event_id
    assert.equal(await textOf(ann, roomId, fromBob), 'from bob')
    const fromAnn = (await say(ann, roomId, 'from ann')).body.event_id
    assert.equal(await textOf(bob, roomId, fromAnn), 'from ann')
    await joinAsPeer(peer, open, roomId)
    const path = `/_matrix/federation/v1/event/${encode(String(fromAnn))}`
    const { body } = await peer.ask(open.serverName, 'GET', path)
    const [pdu] = (body as { pdus: JsonObject[] }).pdus
    const keyIds = [...signaturesOf(pdu!, open.serverName).keys()]
    assert.equal(keyIds.length, 2)
    assert.ok(keyIds.includes('ed25519:policy_server' as never))
  })

  it('takes nothing that the policy server refuses, of its own users too', async () => {
    const roomId = await openRoom(cid, shut)
    await knowsPolicy(bob, roomId)
    for (const user of [bob, cid]) {
      const answer = await say(user, roomId, 'anything')
      assert.equal(refusalOf(answer), '400 M_FORBIDDEN')
      assert.match(String(answer.body.error), /lets nothing be said/)
    }
    await cid.ok('PUT', `rooms/${encode(roomId)}/state/m.room.policy/`, {})
    assert.equal((await say(cid, roomId, 'free')).status, 200)
  })

  it('takes nothing if it names the key wrongly, or a server that is none', async () => {
    const roomId = await openRoom(ann, open)
    await namePolicy(ann, roomId, open.serverName, await keyOf(shut))
    assert.equal(refusalOf(await say(ann, roomId, 'x')), '502 M_UNKNOWN')
    await knowsPolicy(bob, roomId)
    await namePolicy(ann, roomId, none.serverName, await keyOf(open))
    assert.equal(refusalOf(await say(ann, roomId, 'x')), '403 M_FORBIDDEN')
  })
})

describe('a question to the policy server', () => {
  const ask = (body: JsonValue, server = open): Promise<PeerAnswer> =>
    peer.ask(server.serverName, 'POST', signPath, body)
  const codeOf = ({ status, body }: PeerAnswer) => `${status} ${(body as JsonObject).errcode}`

  it('is answered with its signature alone', async () => {
    const roomId = await openRoom(ann, open, '10')
    const line = startLine(peer, await joinAsPeer(peer, open, roomId))
    const answer = await ask(line.say('hello').pdu)
    assert.equal(answer.status, 200)
    const body = answer.body as Record<string, JsonObject>
    assert.deepEqual(Object.keys(body), [open.serverName])
    assert.deepEqual(Object.keys(body[open.serverName]!), ['ed25519:policy_server'])
  })

  it('is refused for what is not what it would sign', async () => {
    const roomId = await openRoom(ann, open, '10')
    const line = startLine(peer, await joinAsPeer(peer, open, roomId))
    const { pdu } = line.say('innocent')
    assert.equal(codeOf(await ask({ ...pdu, content: { msgtype: 'm.text', body: 'other' } })), '400 M_BAD_JSON')
    assert.equal(codeOf(await ask({ ...pdu, depth: 'deep' })), '400 M_BAD_JSON')
    const named = line.add({ type: 'm.room.policy', stateKey: '', content: {}, prevEvents: line.tips })
    assert.equal(codeOf(await ask(named.pdu)), '400 M_BAD_JSON')
    assert.equal(codeOf(await ask({})), '404 M_NOT_FOUND')
  })

  it('is refused by who protects no such room, or none at all', async () => {
    const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', room_version: '10' })).room_id)
    const line = startLine(peer, await joinAsPeer(peer, open, roomId))
    const { pdu } = line.say('hello')
    assert.equal(codeOf(await ask(pdu)), '404 M_NOT_FOUND')
    assert.equal(codeOf(await ask({ ...pdu, room_id: `!nowhere:${peer.name}` })), '404 M_NOT_FOUND')
    assert.equal(codeOf(await ask(pdu, none)), '404 M_UNRECOGNIZED')
    await namePolicy(ann, roomId, open.serverName as ServerName, await keyOf(open))
    const rules = { deny: ['localhost'], allow: ['*'] }
    assert.equal((await ask(pdu)).status, 200)
    await ann.ok('PUT', `rooms/${encode(roomId)}/state/m.room.server_acl/`, rules)
    assert.equal(codeOf(await ask(pdu)), '403 M_FORBIDDEN')
  })
})

describe('the key of the policy server', () => {
  it('stays the same over restarts and is no key that signs events', async () => {
    const key = await keyOf(open)
    await open.restart()
    assert.equal(await keyOf(open), key)
    const { body } = await open.call('GET', '/_matrix/key/v2/server')
    assert.ok(!JSON.stringify(body).includes(key))
    assert.equal(refusalOf(await none.call('GET', '/.well-known/matrix/policy_server')), '404 M_NOT_FOUND')
  })
})
