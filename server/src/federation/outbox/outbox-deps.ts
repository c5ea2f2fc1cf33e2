/** What the parts of the outbox share. */

import type { FederationDeps } from '../federation-deps.ts'
import type { Audience } from './audience.ts'
import type { ToldCounts } from './told-counts.ts'

export type OutboxDeps = FederationDeps & { readonly audience: Audience }

export type QueueDeps = OutboxDeps & {
  readonly told: ToldCounts
  /** Differs for each transaction of this server, over restarts too. */
  readonly nextTransactionId: () => string
}
