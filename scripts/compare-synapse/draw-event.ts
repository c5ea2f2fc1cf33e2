/** One random event for a place in a room graph. */

import type { JsonObject } from '../../packages/protocol/src/index.ts'
import { drawJoin, drawMembership, drawThirdPartyInvite, drawThirdPartyMember } from './draw-member.ts'
import { drawPowerLevels } from './draw-power-levels.ts'
import { type Drawn, membershipIn, serverOf, type World } from './world.ts'

const joinRules = [
  'public',
  'public',
  'invite',
  'knock',
  'restricted',
  'restricted',
  'knock_restricted',
  'private',
  'x',
]

/** An event that the sender might send: by far not always one that it may send. */
export function drawEvent(world: World): Drawn {
  const { random } = world
  const kind = random.below(100)
  if (membershipIn(world, world.sender) !== 'join' && random.chance(0.75)) {
    return random.chance(0.8) ? drawJoin(world) : drawMembership(world)
  }
  if (kind < 30) return drawMembership(world)
  if (kind < 36) return drawJoin(world)
  if (kind < 50) return drawPowerLevels(world)
  if (kind < 60) return drawJoinRules(world)
  if (kind < 65) return drawThirdPartyInvite(world)
  if (kind < 70) return drawThirdPartyMember(world)
  if (kind < 76) return drawRedaction(world)
  return kind < 80 ? drawOdd(world) : drawPlain(world)
}

function drawJoinRules(world: World): Drawn {
  const { random } = world
  const content: JsonObject = { join_rule: random.pick(joinRules), extra: 1 }
  if (random.chance(0.2)) content.allow = [{ type: 'm.room_membership', room_id: '!other:a.test' }]
  if (random.chance(0.02)) delete content.join_rule
  return { type: 'm.room.join_rules', stateKey: '', content }
}

function drawRedaction(world: World): Drawn {
  const redacts = world.anyEvent().eventId
  if (world.rules.redactsInContent) return { type: 'm.room.redaction', content: { redacts, reason: 'x' } }
  return { type: 'm.room.redaction', content: { reason: 'x' }, redacts }
}

function drawPlain({ random, sender, users }: World): Drawn {
  const kind = random.below(9)
  if (kind < 2) return { type: 'm.room.message', content: { body: 'x', msgtype: 'm.text' } }
  if (kind === 2) return { type: 'm.room.topic', stateKey: '', content: { topic: `${random.below(100)}` } }
  if (kind === 3) return { type: 'm.room.name', stateKey: '', content: { name: `${random.below(100)}` } }
  if (kind === 4)
    return { type: 'm.room.history_visibility', stateKey: '', content: { history_visibility: 'joined', x: 1 } }
  if (kind === 5)
    return { type: 'x.state', stateKey: random.chance(0.5) ? sender : random.pick(users), content: { x: 1 } }
  if (kind === 6)
    return { type: 'm.room.aliases', stateKey: drawAliasKey(random, sender), content: { aliases: [], x: 1 } }
  return { type: 'x.state', stateKey: random.pick(['', 'key']), content: { x: random.below(100) } }
}

function drawAliasKey(random: World['random'], sender: string): string {
  return random.chance(0.6) ? serverOf(sender) : random.pick(['a.test', 'b.test:8448', ''])
}

function drawOdd({ random, sender, rules }: World): Drawn {
  const kind = random.below(4)
  if (kind === 0) return { type: 'm.room.member', content: { membership: 'join' } }
  if (kind === 1) return { type: 'm.room.aliases', content: { aliases: [] } }
  if (kind === 2)
    return { type: 'm.room.create', stateKey: '', content: { creator: sender, room_version: rules.version } }
  return { type: 'm.room.encryption', stateKey: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }
}
