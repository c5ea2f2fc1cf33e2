/** Invites, knocks, restricted joins, removals and upgrades between ours and Synapse, both ways. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { waitFor } from '../kit/wait-for.ts'
import {
  type AnyJson,
  createRoom,
  enterVia,
  findState,
  joinVia,
  type Pair,
  type PairUser,
  registerBeside,
  roomPath,
  say,
  sendUntilSeen,
  setState,
  startPair,
  syncUntil,
  waitForAgreement,
  waitForEvent,
  waitForMembership,
  ways,
} from './pair.ts'

let pair: Pair

before(async () => {
  pair = await startPair()
})

after(async () => {
  await pair?.close()
})

const invite = (by: PairUser, roomId: string, of: PairUser) =>
  by.call('POST', roomPath(roomId, 'invite'), { user_id: of.userId })

const waitForInvite = (user: PairUser, roomId: string) =>
  syncUntil(user, `the invite to ${roomId}`, ({ rooms }) => rooms?.invite?.[roomId])

let asked = 0

/** Synapse gives the answer of a minute ago to a first sync that is asked for in the same way again. */
async function waitUntilGone(user: PairUser, roomId: string): Promise<void> {
  await waitFor('the invite to go', async () => {
    asked += 1
    const filter = encodeURIComponent(JSON.stringify({ room: { timeline: { limit: asked } } }))
    const { rooms } = await user.call('GET', `sync?timeout=0&filter=${filter}`)
    return rooms?.invite?.[roomId] === undefined ? true : undefined
  })
}

for (const { way, of } of ways) {
  test(`${way}: an invite is accepted, and both talk`, async () => {
    const { here, there } = of(pair)
    for (const version of ['6', '10', '11', '12']) {
      const roomId = await createRoom(here, version, { preset: 'private_chat', name: 'Tea' })
      await invite(here, roomId, there)
      const { invite_state: shown } = await waitForInvite(there, roomId)
      assert.equal(shown.events.find(({ type }: AnyJson) => type === 'm.room.name')?.content.name, 'Tea')
      await there.call('POST', `join/${encodeURIComponent(roomId)}`, {})
      await waitForMembership(here, roomId, there, 'join')
      await sendUntilSeen(there, here, roomId, 'thanks')
      await sendUntilSeen(here, there, roomId, 'welcome')
      await waitForAgreement(here, there, roomId)
    }
  })

  test(`${way}: an invite is rejected`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(here, '11', { preset: 'private_chat' })
    await invite(here, roomId, there)
    await waitForInvite(there, roomId)
    await there.call('POST', roomPath(roomId, 'leave'), {})
    await waitForMembership(here, roomId, there, 'leave')
  })

  test(`${way}: an invite is taken back`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(here, '11', { preset: 'private_chat' })
    await invite(here, roomId, there)
    await waitForInvite(there, roomId)
    await here.call('POST', roomPath(roomId, 'kick'), { user_id: there.userId, reason: 'by mistake' })
    await waitUntilGone(there, roomId)
    assert.notEqual((await there.ask('POST', `join/${encodeURIComponent(roomId)}`, {})).status, 200)
  })

  test(`${way}: knocks are let in, and turned away`, async () => {
    const { here, there } = of(pair)
    for (const version of ['7', '11', '12']) {
      const rule = { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }
      const roomId = await createRoom(here, version, { initial_state: [rule] })
      assert.equal(await enterVia(there, roomId, here, 'knock'), 200)
      await waitForMembership(here, roomId, there, 'knock')
      await here.call('POST', roomPath(roomId, 'kick'), { user_id: there.userId })
      await waitForMembership(here, roomId, there, 'leave')
      // Its user's server, which is not in the room, cannot tell who may do that, and goes on showing the knock.
      assert.equal(await enterVia(there, roomId, here, 'knock'), 200)
      await waitForMembership(here, roomId, there, 'knock')
      await invite(here, roomId, there)
      await waitForInvite(there, roomId)
      await joinVia(there, roomId, here)
      await sendUntilSeen(there, here, roomId, 'in')
      await waitForAgreement(here, there, roomId)
    }
  })

  test(`${way}: members of a room may join another, others may not`, async () => {
    const { here, there } = of(pair)
    for (const [version, joinRule] of [
      ['8', 'restricted'],
      ['10', 'knock_restricted'],
      ['12', 'restricted'],
    ] as const) {
      const lobby = await createRoom(here, version)
      const content = {
        join_rule: joinRule,
        allow: [{ type: 'm.room_membership', room_id: lobby, via: [here.serverName] }],
      }
      const rule = { type: 'm.room.join_rules', state_key: '', content }
      const roomId = await createRoom(here, version, { initial_state: [rule] })
      assert.equal(await enterVia(there, roomId, here), 403)
      await joinVia(there, lobby, here)
      await joinVia(there, roomId, here)
      await sendUntilSeen(there, here, roomId, 'through the lobby')
      const member = await findState(here, roomId, 'm.room.member', there.userId)
      assert.equal(member.join_authorised_via_users_server, here.userId)
      await waitForAgreement(here, there, roomId)
      // A second user of that server needs no help of the first server's, but somebody who may invite.
      const second = await registerBeside(there, `second-${version}-${way.length}`)
      assert.equal(await enterVia(second, roomId, here), 403)
      await second.call('POST', `join/${encodeURIComponent(lobby)}`, {})
      await waitForMembership(here, lobby, second, 'join')
      assert.equal(await enterVia(second, roomId, here), 200)
      await waitForMembership(here, roomId, second, 'join')
      await waitForAgreement(here, there, roomId)
    }
  })

  test(`${way}: kicks, bans and their end`, async () => {
    const { here, there } = of(pair)
    for (const version of ['6', '11', '12']) {
      const roomId = await createRoom(here, version)
      await joinVia(there, roomId, here)
      await here.call('POST', roomPath(roomId, 'kick'), { user_id: there.userId, reason: 'out' })
      await syncUntil(there, 'the kick', ({ rooms }) => rooms?.leave?.[roomId])
      await joinVia(there, roomId, here)
      await here.call('POST', roomPath(roomId, 'ban'), { user_id: there.userId, reason: 'stay out' })
      await waitFor('the ban to arrive', async () => {
        const answer = await there.ask('PUT', roomPath(roomId, `send/m.room.message/b${performance.now()}`), {
          body: 'x',
        })
        return answer.status === 403 ? true : undefined
      })
      assert.equal(await enterVia(there, roomId, here), 403)
      await here.call('POST', roomPath(roomId, 'unban'), { user_id: there.userId })
      await waitFor('the way back', async () => ((await enterVia(there, roomId, here)) === 200 ? true : undefined))
      await waitForMembership(here, roomId, there, 'join')
      await sendUntilSeen(there, here, roomId, 'back')
      await sendUntilSeen(here, there, roomId, 'good')
      await waitForAgreement(here, there, roomId)
    }
  })

  test(`${way}: both follow an upgrade of the room`, async () => {
    const { here, there } = of(pair)
    for (const [from, to] of [
      ['9', '10'],
      ['10', '12'],
    ] as const) {
      const roomId = await createRoom(here, from, { name: 'Moves' })
      await joinVia(there, roomId, here)
      const { replacement_room: next } = await here.call('POST', roomPath(roomId, 'upgrade'), { new_version: to })
      await waitFor('the tombstone', async () => {
        const tombstone = await findState(there, roomId, 'm.room.tombstone')
        return tombstone?.replacement_room === next ? true : undefined
      })
      await joinVia(there, next, here)
      const created = await findState(there, next, 'm.room.create')
      assert.equal(created.room_version, to)
      assert.equal(created.predecessor.room_id, roomId)
      await sendUntilSeen(there, here, next, 'new home')
      await waitForAgreement(here, there, next)
    }
  })

  test(`${way}: redactions`, async () => {
    const { here, there } = of(pair)
    for (const version of ['6', '11']) {
      const roomId = await createRoom(here, version)
      await joinVia(there, roomId, here)
      const eventId = await say(there, roomId, 'regretted')
      await waitForEvent(here, roomId, eventId)
      await here.call('PUT', roomPath(roomId, `redact/${encodeURIComponent(eventId)}/r${version}`), { reason: 'spam' })
      for (const reader of [here, there]) {
        await waitFor(`the redaction at ${reader.userId}`, async () => {
          const event = await reader.call('GET', roomPath(roomId, `event/${encodeURIComponent(eventId)}`))
          return event.content.body === undefined ? true : undefined
        })
      }
    }
  })

  test(`${way}: a server that the room's rules shut out is heard no more`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(here, '11')
    await joinVia(there, roomId, here)
    // Ports are no part of what the rules name, so this names both servers; each hears its own users still.
    const rules = { allow: ['*'], deny: ['localhost'], allow_ip_literals: true }
    await setState(here, roomId, 'm.room.server_acl', rules)
    await say(there, roomId, 'unheard')
    const other = await createRoom(here, '11')
    await joinVia(there, other, here)
    await sendUntilSeen(there, here, other, 'heard')
    const { chunk } = await here.call('GET', roomPath(roomId, 'messages?dir=b&limit=20'))
    assert.equal(
      chunk.some(({ content }: AnyJson) => content.body === 'unheard'),
      false,
    )
  })
}
