/** Tokens of sync and pagination: `s` and a position. A token stands after the event of its position. */

import { MatrixError } from '../base/index.ts'
import type { Position } from '../journal/index.ts'

const FORM = /^s(-?\d{1,16})$/

/** The token that stands after `position`. */
export function tokenOf(position: Position): string {
  return `s${position}`
}

/** The position of a client's token. Throws MatrixError M_INVALID_PARAM. */
export function parseToken(text: string): Position {
  const digits = FORM.exec(text)?.[1]
  const position = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(position)) {
    throw new MatrixError('M_INVALID_PARAM', 'This is not a token that this server gave out.')
  }
  return position
}
