/** Asking identity servers for a client, and what it is told if they do not help. Spec: identity-service-api. */

import { MatrixError } from '../base/index.ts'
import { parseAddress } from '../mail/index.ts'
import { type IdentityServers, RemoteError, type ThreePid } from '../remote/index.ts'

const numberForm = /^[0-9]{3,20}$/

/** Throws MatrixError M_SERVER_NOT_TRUSTED. */
export function requireTrusted(identity: IdentityServers, server: string): void {
  if (identity.isTrusted(server)) return
  throw new MatrixError('M_SERVER_NOT_TRUSTED', 'This server does not work with that identity server.')
}

/** An address as servers compare them. Throws MatrixError M_INVALID_PARAM. */
export function requireThreePid({ medium, address }: ThreePid): ThreePid {
  const known = medium === 'email' ? parseAddress(address) : numberForm.test(address) ? address : undefined
  if ((medium === 'email' || medium === 'msisdn') && known !== undefined) return { medium, address: known }
  throw new MatrixError('M_INVALID_PARAM', 'This is no e-mail address or telephone number.')
}

/**
 * The question's answer. Throws MatrixError M_TERMS_NOT_SIGNED, the given error where the server refuses, M_UNKNOWN
 * (status 502) if it could not be asked. Never M_UNKNOWN_TOKEN: the client would think that this server logged it out.
 */
export async function askIdentity<T>(
  server: string,
  refused: 'M_FORBIDDEN' | 'M_THREEPID_AUTH_FAILED',
  question: () => Promise<T>,
): Promise<T> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    const { answer } = error
    if (answer === undefined || answer.status >= 500) {
      throw new MatrixError('M_UNKNOWN', `The identity server ${server} could not be asked (${error.kind}).`, {}, 502)
    }
    if (answer.errcode === 'M_TERMS_NOT_SIGNED') {
      throw new MatrixError('M_TERMS_NOT_SIGNED', `The terms of ${server} have to be agreed to first.`)
    }
    throw new MatrixError(refused, `The identity server ${server} refuses this (${answer.errcode.slice(0, 64)}).`)
  }
}
