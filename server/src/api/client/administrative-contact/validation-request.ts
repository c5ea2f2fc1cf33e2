/** Requests for letters and messages that confirm an address. */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import type { EmailRequest } from '../../../users/index.ts'

/** What a column of 32 bits holds. */
const attemptMax = 2 ** 31 - 1

const asked = {
  client_secret: Type.String(),
  send_attempt: Type.Integer({ minimum: 0, maximum: attemptMax }),
  next_link: Type.Optional(Type.String()),
}

export const emailRequestSchema = Type.Object({ email: Type.String({ maxLength: 1_000 }), ...asked })

export const msisdnRequestSchema = Type.Object({ country: Type.String(), phone_number: Type.String(), ...asked })

/** As the users component takes it. */
export function emailRequest(body: Type.Static<typeof emailRequestSchema>): EmailRequest {
  const { email, client_secret: clientSecret, send_attempt: sendAttempt, next_link: nextLink } = body
  return { email, clientSecret, sendAttempt, nextLink }
}

/** This server can call no telephones. */
export function refuseNumbers(): never {
  throw new MatrixError('M_THREEPID_MEDIUM_NOT_SUPPORTED', 'This server takes no telephone numbers.')
}
