/**
 * Tokens of sync and pagination: `s` and a position. A token stands after the event of its position. Tokens of /sync
 * may say more: `s120_98_77` has told of everything up to 120, but of to-device messages only up to 98, of presence
 * only up to 77. What follows a `~` is of sliding sync, whose `pos` is taken as a token too.
 */

import { MatrixError } from '../base/index.ts'
import type { Position } from '../journal/index.ts'

const FORM = /^s(-?\d{1,16})(?:_(\d{1,16})(?:_(\d{1,16}))?)?(?:~[\d.]{1,60})?$/

/** The token that stands after `position`. */
export function tokenOf(position: Position): string {
  return `s${position}`
}

/** The position of a client's token. Throws MatrixError M_INVALID_PARAM. */
export function parseToken(text: string): Position {
  return parseSyncToken(text).position
}

/** How far a reply of /sync told: of to-device messages and presence perhaps less far. */
export type SyncToken = { readonly position: Position; readonly toDevice: Position; readonly presence: Position }

/** `presence` left out: as far as everything else. */
export function syncTokenOf({
  position,
  toDevice,
  presence = position,
}: Omit<SyncToken, 'presence'> & Partial<SyncToken>): string {
  if (presence !== position) return `s${position}_${toDevice}_${presence}`
  return toDevice === position ? tokenOf(position) : `s${position}_${toDevice}`
}

/** Throws MatrixError M_INVALID_PARAM. */
export function parseSyncToken(text: string): SyncToken {
  const match = FORM.exec(text)
  const position = Number(match?.[1])
  const toDevice = match?.[2] === undefined ? position : Number(match[2])
  const presence = match?.[3] === undefined ? position : Number(match[3])
  if (match === null || ![position, toDevice, presence].every(Number.isSafeInteger)) {
    throw new MatrixError('M_INVALID_PARAM', 'This is not a token that this server gave out.')
  }
  return { position, toDevice, presence }
}
