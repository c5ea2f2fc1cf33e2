/** Large rooms for tests of time and depth: every event follows from its number, so that a size names a room. */

import type { RoomRules, StateMap } from '../../src/index.ts'
import { type Branch, createRoomBuilder, type RoomBuilder } from './room-builder.ts'

export type LargeConflict = { readonly room: RoomBuilder; readonly forks: readonly StateMap[] }

const admin = '@admin:example.org'
const user = (nth: number): string => `@user${nth}:s${nth % 7}.example.org`

/**
 * Two forks of a public room with `size` conflicting events between them: joins, kicks, bans, topics and, as every
 * twentieth event, a change of power levels on which the ones after it hang.
 */
export function buildLargeConflict(rules: RoomRules, size: number): LargeConflict {
  const room = createRoomBuilder(rules)
  begin(rules, room.main)
  const left = room.main.fork()
  const right = room.main.fork()
  for (let nth = 0; nth < size; nth += 1) addOne(rules, nth % 2 === 0 ? left : right, nth)
  return { room, forks: [left.state(), right.state()] }
}

/** Two forks, each a chain of `depth` changes of power levels: every one hangs on the one before. */
export function buildDeepConflict(rules: RoomRules, depth: number): LargeConflict {
  const room = createRoomBuilder(rules)
  begin(rules, room.main)
  const branches = [room.main.fork(), room.main.fork()]
  for (const [nth, branch] of branches.entries()) {
    for (let step = 0; step < depth; step += 1) addPowerLevels(rules, branch, `b${nth}p${step}`, step % 50)
  }
  return { room, forks: branches.map((branch) => branch.state()) }
}

function begin(rules: RoomRules, main: Branch): void {
  const content = { room_version: rules.version, ...(rules.creatorIsSender ? {} : { creator: admin }) }
  main.add({ id: 'create', type: 'm.room.create', stateKey: '', sender: admin, content })
  main.add({ id: 'admin', type: 'm.room.member', stateKey: admin, sender: admin, content: { membership: 'join' } })
  addPowerLevels(rules, main, 'power', 0)
  main.add({ id: 'rules', type: 'm.room.join_rules', stateKey: '', sender: admin, content: { join_rule: 'public' } })
}

function addPowerLevels(rules: RoomRules, branch: Branch, id: string, level: number): void {
  const users = rules.privilegedCreators ? {} : { [admin]: 100 }
  const content = { users, events: { 'x.level': level } }
  branch.add({ id, type: 'm.room.power_levels', stateKey: '', sender: admin, content })
}

function addOne(rules: RoomRules, branch: Branch, nth: number): void {
  const id = `e${nth}`
  const target = user(nth >> 2)
  if (nth % 40 < 2) {
    addPowerLevels(rules, branch, id, nth % 50)
  } else if (nth % 10 < 2) {
    branch.add({ id, type: 'm.room.topic', stateKey: '', sender: admin, content: { topic: id } })
  } else if (nth % 20 === 5) {
    branch.add({ id, type: 'm.room.member', stateKey: target, sender: admin, content: { membership: 'ban' } })
  } else if (nth % 20 === 8) {
    branch.add({ id, type: 'm.room.member', stateKey: target, sender: admin, content: { membership: 'leave' } })
  } else {
    branch.add({ id, type: 'm.room.member', stateKey: target, sender: target, content: { membership: 'join', id } })
  }
}
