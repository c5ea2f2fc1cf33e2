/**
 * A fork whose state was itself resolved, and never stored as a tree, is resolved with another one: what is alike in
 * both is what the forks hold now, not what the tree below says. Found by the simulation (seed 11470).
 */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { deliver, joinByWayOf, requireRoom, stateOf } from '../../kit/exchange.ts'
import { type House, makeRoom, openHouse, say, setState, type TestUser } from '../../kit/rooms.ts'

for (const version of ['6', '11', '12']) {
  it(`comes to the same on both servers, version ${version}`, async (t) => {
    const [one, other] = [await openHouse({ name: 'a.example' }), await openHouse({ name: 'b.example' })]
    t.after(() => Promise.all([one.close(), other.close()]))
    const [ann, wil, bob] = [await one.user('ann'), await one.user('wil'), await other.user('bob')]
    const users = { ...(version === '12' ? {} : { [ann.userId]: 100 }), [wil.userId]: 50, [bob.userId]: 50 }
    const levels = { users, events: {}, state_default: 50 }
    const request = { room_version: version, preset: 'public_chat', power_level_content_override: levels }
    const roomId = await makeRoom(one, ann, request)
    const put = (house: House, user: TestUser, type: string, content: JsonObject, key = '') =>
      setState(house, user, roomId, [type, key], content)
    const tell = async (from: House, to: House) => {
      const tips = await from.parts.rooms.listExtremities((await requireRoom(from, roomId)).room)
      await deliver(from, to, roomId, tips)
    }
    await put(one, wil, 'm.room.member', { membership: 'join' }, wil.userId)
    await joinByWayOf(one, other, roomId, bob.userId)
    await put(one, wil, 'm.room.join_rules', { join_rule: 'invite', by: 'wil' })
    await tell(one, other)
    // A fork of the other server, which the first one's next event joins.
    await put(other, bob, 'm.room.power_levels', { ...levels, users: { ...users, [bob.userId]: 0 } })
    await say(other, bob, roomId, 'apart')
    await put(one, ann, 'm.room.member', { membership: 'join', displayname: 'Ann' }, ann.userId)
    await tell(one, other)
    await say(other, bob, roomId, 'of both')
    await put(one, ann, 'm.room.join_rules', { join_rule: 'invite', by: 'ann' })
    await tell(other, one)
    await say(one, ann, roomId, 'together')
    await tell(one, other)
    assert.deepEqual(await stateOf(other, roomId), await stateOf(one, roomId))
  })
}
