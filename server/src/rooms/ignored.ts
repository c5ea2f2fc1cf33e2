/** Whom users ignore, as the numbers that stored events have of senders. Spec: client-server-api#ignoring-users. */

import type { UserId } from '@parallax/protocol'
import type { Names } from '../store/index.ts'
import type { Users } from '../users/index.ts'

type IgnoredDeps = { readonly names: Names; readonly users: Pick<Users, 'listIgnored'> }

const nobody: ReadonlySet<number> = new Set()

/** Finds the senders whose messages a user does not get; never the user itself. */
export function createIgnored({ names, users }: IgnoredDeps): (user: number) => Promise<ReadonlySet<number>> {
  const known = new WeakMap<ReadonlySet<UserId>, ReadonlySet<number>>()
  return async (user) => {
    const userIds = await users.listIgnored(user)
    if (userIds.size === 0) return nobody
    const kept = known.get(userIds)
    if (kept !== undefined) return kept
    const found = await names.find([...userIds])
    const numbers = new Set(found.filter((number) => number !== undefined && number !== user) as number[])
    // Who has no number yet may get one later.
    if (!found.includes(undefined)) known.set(userIds, numbers)
    return numbers
  }
}
