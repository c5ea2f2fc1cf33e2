/** What is told of rooms without being events: receipts and typing. */

import type { Clock } from '../../base/index.ts'
import type { Journal } from '../../journal/index.ts'
import type { Store } from '../../store/index.ts'
import { createReceipts, type Receipts } from './receipts.ts'
import { createTyping, type Typing } from './typing.ts'

export type Ephemeral = { readonly receipts: Receipts; readonly typing: Typing }
export type EphemeralDeps = { readonly store: Store; readonly journal: Journal; readonly clock: Clock }

export function createEphemeral(deps: EphemeralDeps): Ephemeral {
  return { receipts: createReceipts(deps), typing: createTyping(deps) }
}
