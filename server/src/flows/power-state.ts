/** The part of a room's state that says who has which power. */

import { type AuthState, levelFor, powerOf, type RoomEvent, requiredPower, stateKeyOf } from '@parallax/protocol'
import type { KnownRoom } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'

export type PowerState = {
  readonly state: AuthState
  readonly create: RoomEvent | undefined
  readonly levels: RoomEvent | undefined
}

/** Create event and power levels, now. */
export async function findPowerState(deps: Pick<FlowDeps, 'rooms'>, { room }: KnownRoom): Promise<PowerState> {
  const create = await deps.rooms.findStateEvent(room, 'm.room.create', '')
  const levels = await deps.rooms.findStateEvent(room, 'm.room.power_levels', '')
  const known = new Map([
    [stateKeyOf('m.room.create', ''), create],
    [stateKeyOf('m.room.power_levels', ''), levels],
  ])
  return { state: { get: (type, key) => known.get(stateKeyOf(type, key)) }, create, levels }
}

/** True if the actor is joined and has the power to send a state event of this type. */
export async function canSetState(deps: FlowDeps, info: KnownRoom, actor: Actor, type: string): Promise<boolean> {
  const member = await deps.rooms.findMember(info.room, actor.user)
  if (member?.membership !== 'join') return false
  const { state, create } = await findPowerState(deps, info)
  return powerOf(info.rules, state, actor.userId, create) >= requiredPower(info.rules, state, type, true)
}

/** True if the actor may redact what others sent. */
export async function mayRedactOthers(deps: FlowDeps, info: KnownRoom, actor: Actor): Promise<boolean> {
  const { state, create } = await findPowerState(deps, info)
  return powerOf(info.rules, state, actor.userId, create) >= levelFor(info.rules, state, 'redact')
}
