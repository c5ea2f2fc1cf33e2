/** Events that came while the keys of their signers could not be had: their signatures are verified once they can. */

import type { EventId } from '@parallax/protocol'
import type { Arriving } from '../../rooms/index.ts'
import { BadSignature, checkParsed, KeysNotHad } from '../check/check-event.ts'
import { arrivingOf, eventOf } from './arriving-row.ts'
import type { OurRoom } from './find-our-room.ts'
import type { InboxDeps } from './inbox-deps.ts'
import type { WaitingRow } from './inbox-table.ts'

export type VerifiedRows = {
  readonly arriving: ReadonlyMap<EventId, Arriving>
  /** The keys of their signers cannot be had still. */
  readonly unsure: readonly WaitingRow[]
}

/** What can be received of these rows; those whose signatures are wrong are in neither. */
export async function verifyRows(deps: InboxDeps, room: OurRoom, rows: readonly WaitingRow[]): Promise<VerifiedRows> {
  const arriving = new Map<EventId, Arriving>()
  const unsure: WaitingRow[] = []
  for (const row of rows) {
    const verified = row.isVerified ? arrivingOf(room, row) : await verify(deps, room, row)
    if (verified === 'unsure') unsure.push(row)
    else if (verified !== undefined) arriving.set(row.eventId, verified)
  }
  return { arriving, unsure }
}

async function verify(deps: InboxDeps, room: OurRoom, row: WaitingRow): Promise<Arriving | 'unsure' | undefined> {
  try {
    return await checkParsed(deps, room.rules, eventOf(room, row), room.room)
  } catch (error) {
    if (error instanceof KeysNotHad) return 'unsure'
    if (!(error instanceof BadSignature)) throw error
    const { roomId } = room
    const { eventId, origin } = row
    deps.logger.info({ roomId, eventId, origin, err: error }, 'an event was dropped: its signatures are wrong')
    return undefined
  }
}
