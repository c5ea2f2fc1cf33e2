/** A receipt as a row. Spec: client-server-api#receipts. */

import type { EventId } from '@parallax/protocol'
import type { Position } from '../../journal/index.ts'

export type ReceiptType = 'm.read' | 'm.read.private'

export type ReceiptRow = {
  readonly room: number
  readonly user: number
  readonly type: ReceiptType
  /** Empty: unthreaded; `main` or the ID of a thread's root. */
  readonly thread: string
  readonly eventId: EventId
  /** Place of that event in the timeline. */
  readonly stream: number
  /** When it was set, ms. */
  readonly ts: number
  readonly position: Position
}
