/**
 * Confirming that somebody reads the mail of an address. A session is for one purpose and answers to its client secret;
 * its token goes to the address. Spec: client-server-api#post_matrixclientv3account3pidemailrequesttoken,
 * identity-service-api#email-associations.
 */

import { MatrixError } from '../../base/index.ts'
import {
  confirmLetter,
  inUseLetter,
  type Letter,
  noAccountLetter,
  parseAddress,
  resetLetter,
} from '../../mail/index.ts'
import { userLimits } from '../limits.ts'
import { hashToken, newToken } from '../token.ts'
import { isStoreError, type UserContext } from '../user-context.ts'
import type { EmailPurpose, EmailRequest } from '../users.ts'
import { createAllowance } from './allowance.ts'
import {
  findAsked,
  findThreePidUser,
  findValidation,
  pruneValidations,
  updateAttempt,
  updateValidated,
  upsertValidation,
  type ValidationRow,
} from './threepid-table.ts'

/** What a client shows of a session. */
export type Credentials = { readonly sid: string; readonly clientSecret: string }

export interface Validations {
  request(purpose: EmailPurpose, request: EmailRequest): Promise<{ sid: string }>
  /** What a link would confirm. Throws MatrixError M_THREEPID_AUTH_FAILED, as `confirm` does. */
  requirePurpose(credentials: Credentials, token: string): Promise<EmailPurpose>
  confirm(credentials: Credentials, token: string): Promise<{ nextLink: string | undefined }>
}

const secretForm = /^[0-9a-zA-Z.=_-]{1,255}$/

export function createValidations(context: UserContext): Validations {
  const { store, clock, mail } = context
  const spend = createAllowance(context)

  return {
    async request(purpose, { email, clientSecret, sendAttempt, nextLink }) {
      if (!mail.isOn) throw new MatrixError('M_THREEPID_MEDIUM_NOT_SUPPORTED', 'This server sends no e-mail.')
      const address = parseAddress(email)
      if (address === undefined) throw new MatrixError('M_INVALID_PARAM', 'This is not an e-mail address.')
      if (!secretForm.test(clientSecret)) {
        throw new MatrixError(
          'M_INVALID_PARAM',
          'client_secret has 1 to 255 of the characters 0-9 a-z A-Z . = _ - only.',
        )
      }
      // Who has the address already keeps their account: a new password can always be had.
      if (purpose !== 'password') await context.requireSafe({ kind: 'domain', id: domainOf(address) })
      const known = await findAsked(store.reader, { address, clientSecret, purpose })
      const isKnown = known !== undefined && known.expiresMs > clock.nowMs()
      if (isKnown && sendAttempt <= known.attempt) return { sid: known.sid }
      const link = checkNextLink(nextLink)
      spend(address)
      const token = newToken(context.randomBytes, 'confirm')
      const isTaken = (await findThreePidUser(store.reader, 'email', address)) !== undefined
      // Who asks is not told which addresses have accounts: their owners are.
      const isUsable = isTaken === (purpose === 'password')
      const row = {
        ...{ sid: newToken(context.randomBytes, 'confirm'), purpose, clientSecret, address, nextLink: link },
        tokenHash: isUsable ? hashToken(token) : null,
        attempt: -1,
        validatedMs: null,
        expiresMs: clock.nowMs() + userLimits.validationLifetimeMs,
      }
      const stored = await store.transact((tx) => {
        pruneValidations(tx, clock.nowMs(), userLimits.validationsMax)
        return upsertValidation(tx, row)
      })
      const { sid } = stored.rows[0]!
      await mail.send(letterOf(context, purpose, { address, sid, clientSecret, token, isUsable }))
      await store.transact((tx) => updateAttempt(tx, sid, sendAttempt))
      return { sid }
    },
    async requirePurpose(credentials, token) {
      return (await requireOpen(context, credentials, token)).purpose as EmailPurpose
    },
    async confirm(credentials, token) {
      const row = await requireOpen(context, credentials, token)
      try {
        await store.transact((tx) => updateValidated(tx, row.sid, hashToken(token), clock.nowMs()))
      } catch (error) {
        throw isStoreError(error, 'conflict') ? badLink() : error
      }
      return { nextLink: row.nextLink ?? undefined }
    },
  }
}

async function requireOpen(context: UserContext, credentials: Credentials, token: string): Promise<ValidationRow> {
  const row = await find(context, credentials)
  if (row === undefined || row.tokenHash !== hashToken(token)) throw badLink()
  return row
}

function badLink(): MatrixError {
  return new MatrixError('M_THREEPID_AUTH_FAILED', 'This link is not known, was used or has expired.')
}

/** The session if it has been confirmed. */
export async function findConfirmed(
  context: UserContext,
  purpose: EmailPurpose,
  credentials: Credentials,
): Promise<ValidationRow | undefined> {
  const row = await find(context, credentials)
  return row?.purpose === purpose && row.validatedMs !== null ? row : undefined
}

async function find(
  { store, clock }: UserContext,
  { sid, clientSecret }: Credentials,
): Promise<ValidationRow | undefined> {
  const row = await findValidation(store.reader, sid)
  return row?.clientSecret === clientSecret && row.expiresMs > clock.nowMs() ? row : undefined
}

/** Where the browser goes after the confirmation. Throws MatrixError M_INVALID_PARAM. */
function checkNextLink(link: string | undefined): string | null {
  if (link === undefined || link === '') return null
  const isWeb = link.length <= 2_000 && URL.canParse(link) && /^https?:$/.test(new URL(link).protocol)
  if (!isWeb) throw new MatrixError('M_INVALID_PARAM', 'next_link must be an http(s) URL.')
  return link
}

type Sending = Credentials & { readonly address: string; readonly token: string; readonly isUsable: boolean }

function letterOf({ config, links }: UserContext, purpose: EmailPurpose, sending: Sending): Letter {
  const { address: to, sid, clientSecret, token, isUsable } = sending
  const { serverName } = config
  if (!isUsable) return purpose === 'password' ? noAccountLetter({ to, serverName }) : inUseLetter({ to, serverName })
  const link = links.confirmEmail({ sid, client_secret: clientSecret, token })
  return purpose === 'password' ? resetLetter({ to, serverName, link }) : confirmLetter({ to, serverName, link })
}

/** Of an address that was parsed. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1)
}
