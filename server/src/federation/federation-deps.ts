/** What the federation component needs. */

import type { ServerName, Signer } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Domains } from '../config/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Policy } from '../policy/index.ts'
import type { Presence } from '../presence/index.ts'
import type { IdentityServers, Remote } from '../remote/index.ts'
import type { Ephemeral, Rooms } from '../rooms/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'
import type { Verifier } from './check/verifier.ts'

export type FederationDeps = {
  readonly store: Store
  readonly journal: Journal
  readonly devices: Devices
  readonly presence: Presence
  readonly ephemeral: Ephemeral
  readonly rooms: Rooms
  readonly users: Users
  readonly names: Names
  readonly remote: Remote
  readonly identity: IdentityServers
  readonly policy: Policy
  readonly domains: Domains
  readonly verifier: Verifier
  readonly clock: Clock
  readonly logger: Logger
  /** Rooms are joined without all of their members, which are fetched later. */
  readonly omitsMembers: boolean
}

/** The server that asks, and which of our domains it asks. */
export type Asking = { readonly origin: ServerName; readonly destination: ServerName }

/** The signer of a domain that is ours. */
export function requireSigner({ domains }: Pick<FederationDeps, 'domains'>, server: ServerName): Signer {
  const signer = domains.findSigner(server)
  if (signer === undefined) throw new Error(`no signing key for ${server}`)
  return signer
}
