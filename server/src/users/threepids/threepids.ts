/** Addresses of accounts. Spec: client-server-api#adding-account-administrative-contact-information. */

import { isJsonObject, type JsonObject } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { parseAddress } from '../../mail/index.ts'
import type { Writer } from '../../store/index.ts'
import { updatePassword } from '../account-table.ts'
import { authenticate, type StageOutcome } from '../authentication.ts'
import { confirmPassword } from '../confirm-password.ts'
import { userLimits } from '../limits.ts'
import { checkPassword } from '../password-policy.ts'
import { isStoreError, type UserContext } from '../user-context.ts'
import type { EmailPurpose, ThreePids } from '../users.ts'
import { listBindings, removeBinding, upsertBinding } from './binding-table.ts'
import {
  findThreePidUser,
  insertThreePid,
  listThreePids,
  removeThreePid,
  removeValidations,
  takeValidation,
  type ValidationRow,
} from './threepid-table.ts'
import { type Credentials, createValidations, domainOf, findConfirmed } from './validations.ts'

export function createThreePids(context: UserContext): ThreePids {
  const { store } = context
  const validations = createValidations(context)
  return {
    listThreePids: (user) => listThreePids(store.reader, user),
    requestEmailToken: validations.request,
    requireEmailPurpose: validations.requirePurpose,
    confirmEmail: validations.confirm,
    async addThreePid(caller, credentials, auth) {
      const challenge = await confirmPassword(context, caller, 'add-threepid', auth)
      if (challenge !== undefined) return { challenge }
      const row = await findConfirmed(context, 'add', credentials)
      if (row === undefined) throw notConfirmed()
      await context.requireSafe({ kind: 'domain', id: domainOf(row.address) })
      if ((await listThreePids(store.reader, caller.user)).length >= userLimits.threePidsPerUserMax) {
        throw new MatrixError('M_THREEPID_DENIED', 'This account has as many addresses as one may have.', {}, 403)
      }
      await storing(() => store.transact((tx) => insertConfirmed(context, tx, caller.user, row)))
      return { done: undefined }
    },
    async removeThreePid(user, medium, address) {
      const known = medium === 'email' ? (parseAddress(address) ?? address) : address
      await store.transact((tx) => removeThreePid(tx, user, medium, known))
    },
    listBindings: (user) => listBindings(store.reader, user),
    async keepBinding(user, row) {
      await store.transact((tx) => upsertBinding(tx, user, row))
    },
    async removeBinding(user, row) {
      await store.transact((tx) => removeBinding(tx, user, row))
    },
    async resetPassword(password, auth) {
      checkPassword(context.policy, password)
      const outcome = await authenticate(context, {
        operation: 'reset-password',
        user: 0,
        flows: [['m.login.email.identity']],
        params: {},
        auth,
        tryStage: (_stage, given) => tryEmail(context, 'password', given),
      })
      if ('challenge' in outcome) return outcome
      const row = await findMemo(context, outcome.memos)
      const user = row && (await findThreePidUser(store.reader, 'email', row.address))
      if (row === undefined || user === undefined) throw notConfirmed()
      const passwordHash = await context.passwords.hash(password)
      await storing(() =>
        store.transact((tx) => {
          takeValidation(tx, row.sid)
          removeValidations(tx, 'password', row.address)
          updatePassword(tx, user, passwordHash)
        }),
      )
      return { done: user }
    },
  }
}

function notConfirmed(): MatrixError {
  return new MatrixError('M_THREEPID_AUTH_FAILED', 'This address has not been confirmed: open the link in the letter.')
}

/** Passed if the session that the stage names has been confirmed for this purpose. */
export async function tryEmail(context: UserContext, purpose: EmailPurpose, auth: JsonObject): Promise<StageOutcome> {
  const given = auth.threepid_creds ?? auth.threepidCreds
  const { sid, client_secret: clientSecret } = isJsonObject(given) ? given : {}
  if (typeof sid !== 'string' || typeof clientSecret !== 'string') return { refused: 'threepid_creds are missing.' }
  const row = await findConfirmed(context, purpose, { sid, clientSecret })
  return row === undefined
    ? { refused: notConfirmed().message }
    : { passed: true, memo: memoOf({ sid, clientSecret }, purpose) }
}

function memoOf({ sid, clientSecret }: Credentials, purpose: EmailPurpose): string {
  return JSON.stringify([purpose, sid, clientSecret])
}

/** The session behind a stage that was passed. */
export async function findMemo(context: UserContext, memos: JsonObject): Promise<ValidationRow | undefined> {
  const memo = memos['m.login.email.identity']
  if (typeof memo !== 'string') return undefined
  const [purpose, sid, clientSecret] = JSON.parse(memo) as [EmailPurpose, string, string]
  return findConfirmed(context, purpose, { sid, clientSecret })
}

/** With the transaction: the address is the user's, and the session is used up. */
export function insertConfirmed({ clock }: UserContext, tx: Writer, user: number, row: ValidationRow): void {
  takeValidation(tx, row.sid)
  const { address, validatedMs } = row
  insertThreePid(tx, user, { medium: 'email', address, validatedMs: validatedMs!, addedMs: clock.nowMs() })
}

async function storing(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isStoreError(error, 'unique')) throw addressInUse()
    if (isStoreError(error, 'conflict')) throw notConfirmed()
    throw error
  }
}

export function addressInUse(): MatrixError {
  return new MatrixError('M_THREEPID_IN_USE', 'This address belongs to an account already.')
}
