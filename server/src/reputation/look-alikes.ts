/**
 * Pictures of which a followed feed names one that looks alike, by their perceptual hashes: one index for all lenses,
 * built when it is first asked for. What is said of them is read when needed, so that what is taken back is gone at
 * once.
 */

import { createPdqIndex, type PdqIndex } from '@parallax/reputation'
import type { Clock } from '../base/index.ts'
import type { Store } from '../store/index.ts'
import { reputationLimits } from './limits.ts'
import { listPictures } from './source-table.ts'

export interface LookAlikes {
  /** Hashes, 64 hexadecimal digits, of at most 31 different bits, nearest first; not the hash itself. */
  find(hash: string): Promise<readonly string[]>
  /** Feeds say something else now. */
  forget(): void
}

type Built = { readonly index: PdqIndex; readonly hashes: readonly string[]; readonly atMs: number }

export function createLookAlikes({ store, clock }: { readonly store: Store; readonly clock: Clock }): LookAlikes {
  let built: Promise<Built> | undefined
  let isStale = true

  async function build(): Promise<Built> {
    const hashes = await listPictures(store.longReader, reputationLimits.picturesMax)
    return { index: createPdqIndex(hashes), hashes, atMs: clock.nowMs() }
  }

  /** A large index is not built anew for each word of a feed. */
  function isDue({ hashes, atMs }: Built): boolean {
    const { picturesFewMax, picturesBuildMs } = reputationLimits
    return isStale && (hashes.length <= picturesFewMax || clock.nowMs() - atMs >= picturesBuildMs)
  }

  async function open(): Promise<Built> {
    const known = await built
    if (known !== undefined && !isDue(known)) return known
    isStale = false
    built = build()
    built.catch(() => {
      built = undefined
    })
    return built
  }

  return {
    async find(hash) {
      const { index, hashes } = await open()
      const found = index.size === 0 ? [] : index.find(hash)
      return found
        .map(({ at }) => hashes[at]!)
        .filter((near) => near !== hash)
        .slice(0, reputationLimits.picturesNearMax)
    },
    forget() {
      isStale = true
    },
  }
}
