/** What the parts of the outbox share. */

import type { Access } from '../access.ts'
import type { FederationDeps } from '../federation-deps.ts'

export type OutboxDeps = FederationDeps & { readonly access: Access }
