/** A notification as it is written down. */

import type { PushOutcome } from '@parallax/protocol'
import type { EventPush, StoredEvent } from '../rooms/index.ts'
import type { NotificationRow } from './notification-table.ts'

export type Noticed = {
  readonly user: number
  readonly event: StoredEvent
  readonly push: EventPush
  readonly outcome: PushOutcome
  readonly isRead: boolean
  readonly nowMs: number
}

/** An outcome belongs to a rule, and few rules make most notifications. */
const actionTexts = new WeakMap<PushOutcome, string>()

/** The row of an event that notifies a user. */
export function buildNotification({ user, event, push, outcome, isRead, nowMs }: Noticed): NotificationRow {
  const actions = actionTexts.get(outcome) ?? JSON.stringify(outcome.actions)
  actionTexts.set(outcome, actions)
  return {
    user,
    event: event.event,
    room: event.room,
    thread: push.thread,
    isHighlight: outcome.highlight,
    isCall: push.type === 'm.call.invite',
    isRead,
    actions,
    recordedMs: nowMs,
  }
}
