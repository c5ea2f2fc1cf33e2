/**
 * Notifications by e-mail: not at once, for who is about reads them anyhow, and then together. What was read meanwhile
 * is left out. Spec: client-server-api#post_matrixclientv3pushersset (`kind` `email`).
 */

import { MatrixError } from '../../base/index.ts'
import { type Mail, type NoticedLine, notifyLetter } from '../../mail/index.ts'
import { deliveryLimits } from '../limits.ts'
import { listUndelivered } from '../notification-table.ts'
import type { PushDeps } from '../push.ts'
import type { EventFacts, EventFactsReader } from './event-facts.ts'
import type { Pusher } from './pusher.ts'

export type MailDeps = Pick<PushDeps, 'store' | 'clock' | 'users' | 'serverName'> & {
  readonly mail: Mail
  readonly facts: EventFactsReader
}

/** `later`: nothing to do before that; `rejected`: the address is the user's no more. */
export type Mailed =
  | { readonly outcome: 'done' | 'rejected' }
  | { readonly outcome: 'later'; readonly waitMs: number }
  | { readonly outcome: 'failed'; readonly reason: string; readonly waitMs: number }

/** Moves `doneTo` of the pusher; `onSent` is told of a letter that was taken. */
export async function deliverMail(deps: MailDeps, pusher: Pusher, onSent: () => void): Promise<Mailed> {
  const { store, clock, users, mail, serverName } = deps
  const to = pusher.pushKey
  if (!(await users.listThreePids(pusher.user)).some(({ address }) => address === to)) return { outcome: 'rejected' }
  const rows = await listUndelivered(store.reader, pusher.user, pusher.doneTo, deliveryLimits.mailedMax)
  if (rows.length === 0) return { outcome: 'done' }
  const waitMs = rows[0]!.recordedMs + deliveryLimits.mailAfterMs - clock.nowMs()
  if (waitMs > 0) return { outcome: 'later', waitMs }
  const lines: NoticedLine[] = []
  for (const row of rows) {
    if (row.recordedMs < clock.nowMs() - deliveryLimits.deliverWithinMs) continue
    const facts = await deps.facts.find(row.event)
    if (facts !== undefined) lines.push(lineOf(facts))
  }
  try {
    if (lines.length > 0) await mail.send(notifyLetter({ to, serverName, lines }))
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    return { outcome: 'failed', reason: error.message, waitMs: 0 }
  }
  pusher.doneTo = rows.at(-1)!.event
  onSent()
  return { outcome: 'later', waitMs: deliveryLimits.mailEveryMs }
}

function lineOf({ type, sender, senderName, roomName, roomAlias, content }: EventFacts): NoticedLine {
  const from = senderName ?? sender
  const room = roomName ?? roomAlias
  const { body, membership } = content
  const text =
    type === 'm.room.encrypted'
      ? 'an encrypted message'
      : membership === 'invite'
        ? 'invites you'
        : typeof body === 'string'
          ? body.slice(0, deliveryLimits.mailedCharsMax)
          : 'something new'
  return { from, room, text }
}
