/**
 * Gossip of heads: servers tell each other how far they know which feeds, so that a feed cannot say different things to
 * different servers. Two heads that do not fit are both signed by the feed's key: nobody else can make it look false.
 */

import type { JsonObject, ServerName } from '@parallax/protocol'
import { checkHead, compareHeads, type Head, parseHead, ReputationError } from '@parallax/reputation'
import { RemoteError } from '../remote/index.ts'
import { askHeads } from './ask-feed.ts'
import { fetchProof } from './fetch-feed.ts'
import { reputationLimits } from './limits.ts'
import type { Gossip, ReputationDeps } from './reputation.ts'
import { listHeads, type SourceRow, updateSource } from './source-table.ts'

/** Acts on a followed feed while nobody else changes it; `refresh` looks at it first. */
export type Visit = (
  source: number,
  act: (row: SourceRow, refresh: (row: SourceRow) => Promise<SourceRow>) => Promise<void>,
) => Promise<void>

export type Gossiping = Gossip & {
  /** Begins to ask other servers now and then. */
  resume(): void
  /** Resolves when nothing is being compared. */
  close(): Promise<void>
}

/** `onForked` is told of a feed that was found to be false. */
export function createGossip(deps: ReputationDeps, visit: Visit, onForked: (source: number) => void): Gossiping {
  const { store, clock, logger, config, remote } = deps
  const { headsMax, gossipEveryMs, comparisonsMax } = reputationLimits
  const waiting = new Map<string, { readonly source: number; readonly head: Head }>()
  let working: Promise<void> | undefined
  let asking: Promise<void> = Promise.resolve()
  let cancel = () => {}
  let isClosed = false

  /** What others were told is compared aside, one feed after another. */
  async function take(heads: Readonly<Record<string, unknown>>): Promise<Record<string, Head>> {
    const given = Object.entries(heads).slice(0, headsMax)
    const known = await listHeads(
      store.reader,
      headsMax,
      given.map(([key]) => key),
    )
    const ours: Record<string, Head> = {}
    for (const { source, publicKey, head } of known) {
      ours[publicKey] = head
      const other = readHead(heads[publicKey], publicKey)
      if (other === undefined || other.hash === head.hash || other.feed !== head.feed) continue
      if (waiting.size < comparisonsMax) waiting.set(`${source} ${other.hash}`, { source, head: other })
    }
    working ??= work().finally(() => {
      working = undefined
    })
    return ours
  }

  async function work(): Promise<void> {
    while (!isClosed) {
      const [first] = waiting
      if (first === undefined) return
      waiting.delete(first[0])
      await compare(first[1].source, first[1].head)
    }
  }

  async function compare(source: number, other: Head): Promise<void> {
    await visit(source, async (row, refresh) => {
      const isAhead = other.seq > (row.state.head?.seq ?? 0)
      const now = isAhead ? await refresh(row) : row
      if (now.otherHead !== '' || !(await isFork(deps, now, other))) return
      await store.transact((tx) => updateSource(tx, { ...now, otherHead: JSON.stringify(other), health: 'forked' }))
      logger.warn({ feed: now.address }, 'a followed feed told another server something else')
      onForked(source)
    })
  }

  /** Some servers whose keys are known, which changes what is asked from time to time. */
  async function ask(): Promise<void> {
    const servers = await remote.keyRing.listServers(clock.nowMs(), reputationLimits.gossipServersMax)
    const heads = await listHeads(store.reader, headsMax)
    if (heads.length === 0) return
    const told = Object.fromEntries(heads.map(({ publicKey, head }) => [publicKey, head]))
    for (const server of pickSome(deps, servers, reputationLimits.gossipPeers)) {
      if (isClosed) return
      const answer = await askHeads(deps, server as ServerName, told as unknown as JsonObject).catch(
        (error: unknown) => {
          // Most servers know nothing of feeds.
          if (!(error instanceof RemoteError)) throw error
          return {}
        },
      )
      await take(answer)
    }
  }

  function resume(): void {
    if (isClosed || !config.gossip || !remote.isEnabled) return
    cancel = clock.schedule(gossipEveryMs, () => {
      asking = ask()
        .catch((error) => logger.error({ err: error }, 'heads of feeds could not be compared'))
        .then(resume)
    })
  }

  return {
    compareHeads: async (heads) => ({ heads: config.gossip ? await take(heads) : {} }),
    resume,
    async close() {
      isClosed = true
      cancel()
      await asking
      await working
    },
  }
}

function readHead(value: unknown, publicKey: string): Head | undefined {
  try {
    const head = parseHead(value)
    checkHead(head, publicKey)
    return head
  } catch (error) {
    if (error instanceof ReputationError) return undefined
    throw error
  }
}

function pickSome({ randomBytes }: ReputationDeps, all: readonly string[], count: number): string[] {
  const left = [...all]
  const picked: string[] = []
  while (left.length > 0 && picked.length < count) {
    const at = Buffer.from(randomBytes(4)).readUInt32LE() % left.length
    picked.push(...left.splice(at, 1))
  }
  return picked
}

/**
 * Whether a head that somebody else was shown cannot be of the history that we hold: the feed is asked to prove that it
 * is. Where it does not answer, or shows less than it signed, nothing is known yet.
 */
async function isFork(deps: ReputationDeps, { address, state }: SourceRow, other: Head): Promise<boolean> {
  const { head: own, publicKey } = state
  if (own === undefined || other.seq > own.seq) return false
  if (other.seq === own.seq) return other.hash !== own.hash || other.root !== own.root
  try {
    const { head, proof } = await fetchProof(deps, address, other.seq)
    if (head.seq < own.seq) return false
    compareHeads(publicKey, other, head, proof)
    if (head.seq === own.seq) compareHeads(publicKey, own, head, [])
    else {
      const later = await fetchProof(deps, address, own.seq)
      compareHeads(publicKey, own, later.head, later.proof)
    }
    return false
  } catch (error) {
    if (error instanceof RemoteError) return false
    if (error instanceof ReputationError) return error.kind === 'forked' || error.kind === 'bad-proof'
    throw error
  }
}
