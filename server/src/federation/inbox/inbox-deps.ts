/** What the parts of the inbox share. */

import type { Access } from '../access.ts'
import type { Joins } from '../acting/joins.ts'
import type { FederationDeps } from '../federation-deps.ts'

export type InboxDeps = FederationDeps & {
  readonly access: Access
  readonly joins: Pick<Joins, 'ended'>
  /** Rooms of whose state not all is here: see `Completing`. */
  readonly completing: { readonly isUnproven: (room: number) => boolean; readonly start: (room: number) => void }
}
