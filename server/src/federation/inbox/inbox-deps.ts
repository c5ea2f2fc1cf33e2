/** What the parts of the inbox share. */

import type { Access } from '../access.ts'
import type { Completing } from '../acting/complete-rooms.ts'
import type { Joins } from '../acting/joins.ts'
import type { FederationDeps } from '../federation-deps.ts'

export type InboxDeps = FederationDeps & {
  readonly access: Access
  readonly joins: Pick<Joins, 'ended'>
  readonly completing: Pick<Completing, 'isUnproven' | 'start'>
}
