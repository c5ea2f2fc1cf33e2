/** What a pusher delivers when it has a turn: a few notifications in order, then the count if it changed. */

import type { PushAction, UserId } from '@parallax/protocol'
import { deliveryLimits } from '../limits.ts'
import { listUndelivered, type NotificationRow } from '../notification-table.ts'
import type { PushDeps } from '../push.ts'
import type { Unread } from '../unread.ts'
import { deliverMail, type Mailed } from './deliver-mail.ts'
import type { EventFactsReader } from './event-facts.ts'
import { badgeBody, notifyBody } from './notify-body.ts'
import type { Pusher } from './pusher.ts'
import { type GatewayAnswer, sendToGateway } from './send-to-gateway.ts'

export type DeliverDeps = Pick<PushDeps, 'store' | 'names' | 'outgoing' | 'clock' | 'mail' | 'users' | 'serverName'> & {
  readonly unread: Unread
  readonly facts: EventFactsReader
}

/** `more`: its turn is over, though there is more to deliver. */
export type Delivered =
  | { readonly outcome: 'done' | 'more' }
  | Mailed
  | Exclude<GatewayAnswer, { outcome: 'delivered' }>

/** Moves `doneTo` and `badge` of the pusher; `onSent` is told of each request that was answered well. */
export async function deliverNext(deps: DeliverDeps, pusher: Pusher, onSent: () => void): Promise<Delivered> {
  if (pusher.isGone) return { outcome: 'done' }
  if (pusher.gateway.kind === 'email') return deliverMail(deps, pusher, onSent)
  for (let count = 0; count < deliveryLimits.perTurn; count++) {
    if (pusher.isGone) return { outcome: 'done' }
    const [row] = await listUndelivered(deps.store.reader, pusher.user, pusher.doneTo, 1)
    const body = row === undefined ? await buildBadge(deps, pusher) : await buildNotify(deps, pusher, row)
    if (body !== undefined) {
      const answer = await sendToGateway(deps, pusher, body.text)
      if (answer.outcome !== 'delivered') return answer as Delivered
      pusher.badge = body.unread
      onSent()
    }
    if (row === undefined) return { outcome: 'done' }
    pusher.doneTo = row.event
  }
  return { outcome: 'more' }
}

type Body = { readonly text: string; readonly unread: number }

/** Undefined: the event is too old or was redacted. */
async function buildNotify(deps: DeliverDeps, pusher: Pusher, row: NotificationRow): Promise<Body | undefined> {
  if (row.recordedMs < deps.clock.nowMs() - deliveryLimits.deliverWithinMs) return undefined
  const facts = await deps.facts.find(row.event)
  if (facts === undefined) return undefined
  const [userId] = (await deps.names.texts([pusher.user])) as [UserId]
  const badge = await deps.unread.count(pusher.user)
  const actions = JSON.parse(row.actions) as PushAction[]
  return { text: notifyBody(pusher, { facts, userId, actions, badge }), unread: badge.unread }
}

/** Undefined: the gateway knows the count, or is about to be told with an event that is not committed yet. */
async function buildBadge({ unread }: DeliverDeps, pusher: Pusher): Promise<Body | undefined> {
  const badge = await unread.count(pusher.user)
  if (badge.unread === pusher.badge || unread.hasAfter(pusher.user, pusher.doneTo)) return undefined
  return { text: badgeBody(pusher, badge), unread: badge.unread }
}
