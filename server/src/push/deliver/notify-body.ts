/** Bodies of requests to push gateways. Pure. Spec: push-gateway-api#post_matrixpushv1notify. */

import { type JsonObject, type PushAction, tweaksOf, type UserId } from '@parallax/protocol'
import type { Badge } from '../unread.ts'
import type { EventFacts } from './event-facts.ts'
import type { Pusher } from './pusher.ts'

export type Told = {
  readonly facts: EventFacts
  readonly userId: UserId
  readonly actions: readonly PushAction[]
  readonly badge: Badge
}

/** JSON text that tells of an event. */
export function notifyBody(pusher: Pusher, { facts, userId, actions, badge }: Told): string {
  const { eventId, roomId, type, sender, stateKey, senderName, roomName, roomAlias, content } = facts
  const tweaks = tweaksOf(actions)
  const head = { event_id: eventId, room_id: roomId, prio: prioOf(type, tweaks), counts: countsOf(badge) }
  if (pusher.gateway.isIdOnly) return JSON.stringify({ notification: { ...head, devices: [deviceOf(pusher)] } })
  const notification = {
    ...head,
    type,
    sender,
    sender_display_name: senderName,
    room_name: roomName,
    room_alias: roomAlias,
    user_is_target: type === 'm.room.member' ? stateKey === userId : undefined,
    content,
    devices: [{ ...deviceOf(pusher), tweaks }],
  }
  return JSON.stringify({ notification })
}

/**
 * JSON text that tells only how much is unread. NOTSPEC: nothing unread is told as 0 and not left out, for gateways
 * take a missing count as no news, and the badge would stay.
 */
export function badgeBody(pusher: Pusher, badge: Badge): string {
  const counts = { unread: badge.unread, ...countsOf(badge) }
  return JSON.stringify({ notification: { prio: 'low', counts, devices: [deviceOf(pusher)] } })
}

/** Encrypted events may be anything: they are as urgent as what makes a sound. */
function prioOf(type: string, tweaks: JsonObject): 'high' | 'low' {
  return type === 'm.room.encrypted' || tweaks.highlight === true || tweaks.sound !== undefined ? 'high' : 'low'
}

/** Counts of zero are left out. */
function countsOf({ unread, missedCalls }: Badge): JsonObject {
  return { ...(unread > 0 ? { unread } : {}), ...(missedCalls > 0 ? { missed_calls: missedCalls } : {}) }
}

function deviceOf({ appId, pushKey, gateway }: Pusher): JsonObject {
  return { app_id: appId, pushkey: pushKey, pushkey_ts: gateway.setSeconds, data: gateway.extra }
}
