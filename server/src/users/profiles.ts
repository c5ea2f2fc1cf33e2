/** Profiles: display name, avatar and custom fields. Spec: client-server-api#profiles. */

import { canonicalJson, type JsonObject, type JsonValue, type UserId } from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import { userLimits } from './limits.ts'
import { insertProfileField, listProfileFields, removeProfileField } from './profile-table.ts'
import { findKnownUser, type UserContext } from './user-context.ts'
import type { Profiles } from './users.ts'

export type ProfileParts = Profiles & {
  /** The profile changed or went with the account. */
  forget(userId: UserId): void
}

const fieldForm = /^[a-z][a-z0-9_.-]*$/

export function createProfiles(context: UserContext): ProfileParts {
  const { store, names, journal, turns } = context
  const cached = new Lru<UserId, JsonObject>(userLimits.profilesCachedMax)
  let changes = 0

  function forget(userId: UserId): void {
    changes += 1
    cached.delete(userId)
  }

  async function findProfile(userId: UserId): Promise<JsonObject | undefined> {
    const known = cached.get(userId)
    if (known !== undefined) return known
    const before = changes
    const account = await findKnownUser(context, userId)
    if (account === undefined || account.row.state === 'deactivated') return undefined
    const rows = await listProfileFields(store.reader, account.row.user)
    const profile: JsonObject = Object.fromEntries(rows.map(({ field, value }) => [field, JSON.parse(value)]))
    if (changes === before) cached.set(userId, profile)
    return profile
  }

  return {
    findProfile,
    forget,
    async setProfileField(user, field, value) {
      checkField(field)
      if (value !== undefined) checkValue(field, value)
      const [userId] = (await names.texts([user])) as [UserId]
      await turns.run(user, async () => {
        const profile = (await findProfile(userId)) ?? {}
        const stored = isNoValue(field, value) ? undefined : value
        if (stored !== undefined) checkSize({ ...profile, [field]: stored })
        await store.transact((tx) => {
          const position = journal.append(tx, { kind: 'profile', user })
          if (stored === undefined) removeProfileField(tx, user, field)
          else insertProfileField(tx, { user, field, value: JSON.stringify(stored), position })
          tx.onCommitted(() => forget(userId))
        })
      })
    },
  }
}

function checkField(field: string): void {
  if (Buffer.byteLength(field) > userLimits.profileKeyBytesMax) {
    throw new MatrixError(
      'M_KEY_TOO_LARGE',
      `A profile field's name has at most ${userLimits.profileKeyBytesMax} bytes.`,
    )
  }
  if (!fieldForm.test(field)) {
    throw new MatrixError(
      'M_INVALID_PARAM',
      'A profile field is named like displayname, avatar_url, m.tz or org.example.key.',
    )
  }
}

/**
 * Throws M_INVALID_PARAM for values of the wrong kind in the fields that the spec defines. An avatar may be any text:
 * other servers take them too, and clients show only what is an mxc:// URI.
 */
function checkValue(field: string, value: JsonValue): void {
  const isText = typeof value === 'string'
  if ((field === 'displayname' || field === 'avatar_url' || field === 'm.tz') && !isText) {
    throw new MatrixError('M_INVALID_PARAM', `${field} must be a string.`)
  }
}

/** Clients of old take name and avatar away with an empty text. */
function isNoValue(field: string, value: JsonValue | undefined): boolean {
  return value === undefined || (value === '' && (field === 'displayname' || field === 'avatar_url'))
}

function checkSize(profile: JsonObject): void {
  if (Buffer.byteLength(canonicalJson(profile)) <= userLimits.profileBytesMax) return
  throw new MatrixError('M_PROFILE_TOO_LARGE', `A profile has at most ${userLimits.profileBytesMax} bytes.`)
}
