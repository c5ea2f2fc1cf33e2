/** What the parts of the inbox share. */

import type { Access } from '../access.ts'
import type { FederationDeps } from '../federation-deps.ts'

export type InboxDeps = FederationDeps & { readonly access: Access }
