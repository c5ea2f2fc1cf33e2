/** Keys of an own sealed feed, all made of its one secret: another for each purpose and epoch. */

import { hkdfSync } from 'node:crypto'
import { decodeBase64, loadOprf, type OprfKey } from '@parallax/reputation'
import type { FeedRow } from './feed-table.ts'

/** What makes a key: nothing else of the feed is needed. */
type Keyed = Pick<FeedRow, 'feed' | 'secret'>

function deriveKey({ feed, secret }: Keyed, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', decodeBase64(secret, 32), '', `parallax-${purpose}\n${feed}`, 32))
}

/** What members of a narrow feed get, in one epoch. */
export function audienceKeyOf(feed: Keyed, epoch: number): Uint8Array {
  return deriveKey(feed, `audience\n${epoch}`)
}

/** Fills answers to questions by range with rows of no meaning. */
export function fillSecretOf(feed: Keyed): Uint8Array {
  return deriveKey(feed, 'fill')
}

/** The key of the oblivious function in one epoch. */
export async function oprfKeyOf(feed: Keyed, epoch: number): Promise<OprfKey> {
  const oprf = await loadOprf()
  return oprf.deriveKey(deriveKey(feed, 'oprf'), new TextEncoder().encode(`epoch ${epoch}`))
}
