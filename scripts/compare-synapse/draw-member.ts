/** Random membership events. */

import { createSigner, type JsonObject, type ServerName, signJson } from '../../packages/protocol/src/index.ts'
import { type Drawn, membershipIn, serverOf, type World } from './world.ts'

/** A join, by the sender for itself (nearly always). */
export function drawJoin(world: World): Drawn {
  const { random, rules, sender } = world
  const content: JsonObject = { membership: 'join', displayname: 'x' }
  const joinRule = world.find('m.room.join_rules', '')?.content.join_rule
  const isRestricted = joinRule === 'restricted' || joinRule === 'knock_restricted'
  if (random.chance(isRestricted ? 0.7 : 0.03)) {
    const joined = world.users.filter((user) => membershipIn(world, user) === 'join')
    const vouching = random.chance(0.8) && joined.length > 0 ? random.pick(joined) : random.pick(world.users)
    content.join_authorised_via_users_server = vouching
  }
  if (rules.restrictedJoin && random.chance(0.01)) content.join_authorised_via_users_server = 'nobody'
  return { type: 'm.room.member', stateKey: random.chance(0.03) ? random.pick(world.users) : sender, content }
}

/** Any other membership, for oneself or another. */
export function drawMembership(world: World): Drawn {
  const { random, sender } = world
  const membership = random.pick(['invite', 'invite', 'invite', 'leave', 'leave', 'ban', 'ban', 'knock', 'join', 'odd'])
  const isOwn = membership === 'knock' || membership === 'join' || random.chance(0.15)
  const target = isOwn && random.chance(0.95) ? sender : random.pick(world.users)
  const content: JsonObject = { membership, reason: 'x' }
  if (random.chance(0.01)) delete content.membership
  if (random.chance(0.01)) return { type: 'm.room.member', stateKey: 'nobody', content }
  return { type: 'm.room.member', stateKey: target, content }
}

/** An invitation of somebody known by a third-party identifier. */
export function drawThirdPartyInvite(world: World): Drawn {
  const { random } = world
  const content: JsonObject = { display_name: 'x', key_validity_url: 'https://id.test/valid' }
  if (random.chance(0.7)) content.public_key = random.pick(world.keys).publicKey
  if (random.chance(0.6) || content.public_key === undefined) {
    content.public_keys = world.keys.slice(0, 1 + random.below(2)).map(({ publicKey }) => ({ public_key: publicKey }))
  }
  return { type: 'm.room.third_party_invite', stateKey: random.pick(['token1', 'token2']), content }
}

/** An invite that answers a third-party invite: well signed, badly signed or incomplete. */
export function drawThirdPartyMember(world: World): Drawn {
  const { random, sender } = world
  const mxid = random.chance(0.9) ? random.pick(world.users) : sender
  const signer = createSigner('id.test' as ServerName, random.pick(world.keys))
  const signed = signJson({ mxid, token: random.pick(['token1', 'token1', 'token2', 'token3']) }, signer)
  const damage = random.below(14)
  if (damage === 0) signed.mxid = random.pick(world.users)
  if (damage === 1) signed.token = 'token2'
  if (damage === 2) delete signed.signatures
  if (damage === 3) signed.extra = 'unsigned text'
  const thirdPartyInvite: JsonObject = damage === 4 ? { display_name: 'x' } : { display_name: 'x', signed }
  const target = damage === 5 ? random.pick(world.users) : mxid
  return {
    type: 'm.room.member',
    stateKey: target,
    content: { membership: 'invite', third_party_invite: thirdPartyInvite, is_direct: serverOf(target) === 'a.test' },
  }
}
