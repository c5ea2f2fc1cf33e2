/**
 * Follows the feeds from which followed feeds are derived, so that readers hear those themselves and no voice counts
 * twice. One feed after another, aside: whoever follows a feed does not wait for its parents.
 */

import { type Manifest, type ManifestParent, ReputationError } from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { RemoteError } from '../remote/index.ts'
import { fetchManifest, parseAddress } from './fetch-feed.ts'
import { reputationLimits } from './limits.ts'
import {
  insertLink,
  keepLinks,
  listDerived,
  listFollowed,
  listLinks,
  listLinksFrom,
  type ParentLink,
  removeUnreached,
} from './parent-table.ts'
import type { ReputationDeps } from './reputation.ts'
import { findSourceAt, listSources, type SourceRow } from './source-table.ts'

export interface Parents {
  /** The source may be derived from others now. */
  note(source: number): void
  /** Somebody follows something no longer. */
  noteLeft(): void
  /** Resolves when nothing is being followed. */
  close(): Promise<void>
}

type ParentParts = {
  /** Keeps a new source with the link to it, and takes a first look at it; undefined: there is no room for it. */
  readonly adopt: (source: number, address: string, manifest: Manifest) => Promise<number | undefined>
  /** What counts for the readers of a source is other now. */
  readonly onParents: (source: number) => void
}

export function createParents(deps: ReputationDeps, { adopt, onParents }: ParentParts): Parents {
  const { store, logger } = deps
  const waiting = new Set<number>()
  let isLeft = false
  let isClosed = false
  let working: Promise<void> | undefined

  function begin(): void {
    if (isClosed) return
    working ??= work()
      .catch((error) => logger.error({ err: error }, 'the feeds behind followed feeds could not be followed'))
      .finally(() => {
        working = undefined
        if (waiting.size > 0 || isLeft) begin()
      })
  }

  async function work(): Promise<void> {
    for (const source of waiting) {
      if (isClosed) return
      waiting.delete(source)
      await settle(source)
    }
    if (!isLeft) return
    isLeft = false
    await sweep(deps)
  }

  async function settle(source: number): Promise<void> {
    const [row] = await listSources(store.reader, [source])
    if (row === undefined) return
    const before = (await listLinksFrom(store.reader, [source])).filter((link) => link.source === source)
    const declared = (await isNear(deps, row)) ? row.manifest.derived_from : []
    const parents: number[] = []
    for (const parent of declared.slice(0, reputationLimits.parentsFollowedMax)) {
      const found = await findParent(row, parent)
      if (found !== undefined && found !== source) parents.push(found)
    }
    const known = new Set(before.map(({ parent }) => parent))
    const isSame = known.size === parents.length && parents.every((parent) => known.has(parent))
    if (isSame) return
    await store.transact((tx) => {
      keepLinks(tx, source, parents)
      for (const parent of parents) insertLink(tx, { source, parent })
    })
    for (const parent of parents) waiting.add(parent)
    isLeft = true
    onParents(source)
  }

  /** Only what is what it is called: another feed at that address is none of its parents. */
  async function findParent(row: SourceRow, parent: ManifestParent): Promise<number | undefined> {
    if (parent.address === undefined) return undefined
    try {
      const address = parseAddress(deps, parent.address)
      const at = await findSourceAt(store.reader, address)
      const [known] = at === undefined ? [] : await listSources(store.reader, [at])
      if (known !== undefined) {
        return known.manner !== 'members' && known.manifest.feed === parent.feed ? known.source : undefined
      }
      const manifest = await fetchManifest(deps, address)
      return manifest.feed === parent.feed ? await adopt(row.source, address, manifest) : undefined
    } catch (error) {
      if (!(error instanceof RemoteError || error instanceof ReputationError || error instanceof MatrixError))
        throw error
      logger.info({ feed: row.address, err: error }, 'a feed behind a followed feed cannot be followed')
      return undefined
    }
  }

  return {
    note(source) {
      waiting.add(source)
      begin()
    },
    noteLeft() {
      isLeft = true
      begin()
    },
    async close() {
      isClosed = true
      await working
    },
  }
}

/** Whether the parents of a source may still count for somebody. A narrow feed tells nobody what it is made of. */
async function isNear({ store }: ReputationDeps, { source, manner }: SourceRow): Promise<boolean> {
  if (manner === 'members') return false
  const followed = new Set(await listFollowed(store.reader, await listDerived(store.reader, source)))
  if (followed.has(source)) return true
  const children = (await listLinks(store.reader)).filter(({ parent }) => parent === source)
  return children.some((link) => followed.has(link.source))
}

/** Forgets what was followed for others that nobody follows any more. */
async function sweep({ store }: ReputationDeps): Promise<void> {
  const links = await listLinks(store.reader)
  if (links.length === 0) return
  const all = [...new Set(links.flatMap(({ source, parent }) => [source, parent]))]
  const reached = reach(await listFollowed(store.reader, all), links)
  const unreached = all.filter((source) => !reached.has(source))
  if (unreached.length > 0) await store.transact((tx) => removeUnreached(tx, unreached))
}

function reach(followed: readonly number[], links: readonly ParentLink[]): Set<number> {
  const reached = new Set(followed)
  const bySource = Map.groupBy(links, ({ source }) => source)
  let edge: readonly number[] = followed
  for (let step = 0; step < reputationLimits.parentStepsMax; step++) {
    edge = edge.flatMap((source) => (bySource.get(source) ?? []).map(({ parent }) => parent))
    for (const parent of edge) reached.add(parent)
  }
  return reached
}
