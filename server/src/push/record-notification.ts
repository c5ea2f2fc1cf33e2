/** A notification as it is written down. */

import type { PushOutcome } from '@parallax/protocol'
import type { EventPush, StoredEvent } from '../rooms/index.ts'
import type { NotificationRow } from './notification-table.ts'

/** A row without its user. */
export type Notification = Omit<NotificationRow, 'user'>

export type Noticed = {
  readonly event: StoredEvent
  readonly push: EventPush
  readonly outcome: PushOutcome
  readonly isRead: boolean
  readonly nowMs: number
}

/** An outcome belongs to a rule, and few rules make most notifications. */
const actionTexts = new WeakMap<PushOutcome, string>()

/** What is written down of an event that notifies somebody. */
export function buildNotification({ event, push, outcome, isRead, nowMs }: Noticed): Notification {
  const actions = actionTexts.get(outcome) ?? JSON.stringify(outcome.actions)
  actionTexts.set(outcome, actions)
  return {
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
