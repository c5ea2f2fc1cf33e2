/**
 * Tokens of sync and pagination: `s` and a position. A token stands after the event of its position. Tokens of /sync
 * may say more: `s120_98` has told of everything up to 120, but of to-device messages only up to 98.
 */

import { MatrixError } from '../base/index.ts'
import type { Position } from '../journal/index.ts'

const FORM = /^s(-?\d{1,16})(?:_(\d{1,16}))?$/

/** The token that stands after `position`. */
export function tokenOf(position: Position): string {
  return `s${position}`
}

/** The position of a client's token. Throws MatrixError M_INVALID_PARAM. */
export function parseToken(text: string): Position {
  return parseSyncToken(text).position
}

/** How far a reply of /sync told: of to-device messages perhaps less far. */
export type SyncToken = { readonly position: Position; readonly toDevice: Position }

export function syncTokenOf({ position, toDevice }: SyncToken): string {
  return toDevice === position ? tokenOf(position) : `s${position}_${toDevice}`
}

/** Throws MatrixError M_INVALID_PARAM. */
export function parseSyncToken(text: string): SyncToken {
  const match = FORM.exec(text)
  const position = Number(match?.[1])
  const toDevice = match?.[2] === undefined ? position : Number(match[2])
  if (match === null || !Number.isSafeInteger(position) || !Number.isSafeInteger(toDevice)) {
    throw new MatrixError('M_INVALID_PARAM', 'This is not a token that this server gave out.')
  }
  return { position, toDevice }
}
