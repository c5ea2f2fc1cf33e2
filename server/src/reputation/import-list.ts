/** A block list of another network, said in a feed of a user. */

import { type BlockListFormat, parseBlockList } from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { reputationLimits } from './limits.ts'
import { refusing } from './refuse.ts'
import type { Imported, OwnFeeds, Publisher } from './reputation.ts'

/** Says it in as many batches as are needed. Throws as `sayOpinions`; what was said before it throws stays said. */
export async function importList(
  sayOpinions: OwnFeeds['sayOpinions'],
  publisher: Publisher,
  feed: string,
  list: { readonly format: BlockListFormat; readonly context: string; readonly text: string },
): Promise<Imported> {
  const { opinions, refused, refusedCount } = refusing(() => parseBlockList(list.format, list.text, list.context))
  if (opinions.length === 0) throw new MatrixError('M_INVALID_PARAM', 'The list says nothing of anybody.')
  let seq = 0
  for (let at = 0; at < opinions.length; at += reputationLimits.opinionsMax) {
    const page = opinions.slice(at, at + reputationLimits.opinionsMax)
    seq = (await sayOpinions(publisher, feed, page)).seq
  }
  return { seq, said: opinions.length, refused, refused_count: refusedCount }
}
