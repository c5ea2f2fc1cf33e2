/** What the parts of the outbox share. */

import type { JsonObject, ServerName } from '@parallax/protocol'
import type { FederationDeps } from '../federation-deps.ts'
import type { Audience } from './audience.ts'
import type { ToldCounts } from './told-counts.ts'

export type OutboxDeps = FederationDeps & { readonly audience: Audience }

/** `origin`: the domain of ours whose user it is about. */
export type OwnEdu = { readonly origin: ServerName; readonly edu: JsonObject }

export type QueueDeps = OutboxDeps & {
  readonly told: ToldCounts
  /** Differs for each transaction of this server, over restarts too. */
  readonly nextTransactionId: () => string
}
