/**
 * Looks at a followed feed again. What is refused changes nothing: the last good state stays in force, and its health
 * says why. Must hold the source's turn.
 */

import {
  type Batch,
  checkSuccessor,
  dampBursts,
  entryId,
  type FeedEntry,
  feedLimits,
  followBatch,
  type Manifest,
  ReputationError,
  readSnapshotInSteps,
} from '@parallax/reputation'
import { RemoteError } from '../remote/index.ts'
import { askAsMembers } from './ask-feed.ts'
import { fetchChanges, fetchManifest, fetchSnapshot } from './fetch-feed.ts'
import { giveWay, runInSteps } from './give-way.ts'
import { reputationLimits } from './limits.ts'
import type { Manner, ReputationDeps, SourceHealth } from './reputation.ts'
import {
  type Arrival,
  applySaid,
  countSaid,
  listFollowers,
  listHeard,
  removeSubscriptions,
  type SourceRow,
  updateSource,
} from './source-table.ts'

/** Brings a source up to date, or says why not; answers its row as it is kept. Throws only for faults of our own. */
export async function refreshSource(deps: ReputationDeps, row: SourceRow): Promise<SourceRow> {
  // Whoever told others something else is false, whatever it tells us: what it said before stays as it is.
  if (row.otherHead !== '') return keep(deps, row, 'forked')
  const progress = { row, isNew: row.state.head === undefined }
  try {
    if (row.manner === 'members') {
      await catchUpAsMembers(deps, progress)
    } else {
      const manifest = await fetchManifest(deps, row.address)
      checkSuccessor(row.manifest, manifest)
      progress.row = { ...row, manifest }
      if (row.manner === 'copy') await catchUp(deps, progress)
    }
    return await keep(deps, progress.row, 'good')
  } catch (error) {
    return keep(deps, progress.row, healthOf(error))
  }
}

function healthOf(error: unknown): SourceHealth {
  if (error instanceof ReputationError) return error.kind
  if (error instanceof RemoteError) return error.kind === 'too-large' ? 'too-large' : 'unreachable'
  throw error
}

async function keep({ store, clock }: ReputationDeps, row: SourceRow, health: SourceHealth): Promise<SourceRow> {
  const { refreshMs, refreshMsMax } = reputationLimits
  const failures = health === 'good' ? 0 : row.failures + 1
  const waitMs = Math.min(refreshMs * 2 ** Math.min(failures, 20), refreshMsMax)
  const nowMs = clock.nowMs()
  const kept = { ...row, health, failures, checkedMs: nowMs, nextMs: nowMs + waitMs }
  await store.transact((tx) => updateSource(tx, kept))
  return kept
}

type Progress = { row: SourceRow; readonly isNew: boolean }

/** Each page is kept before the next is asked for. */
async function catchUp(deps: ReputationDeps, progress: Progress): Promise<void> {
  if (progress.row.state.head === undefined) await beginWithSnapshot(deps, progress)
  const { pagesMax, catchUpMs } = reputationLimits
  const endMs = deps.clock.nowMs() + catchUpMs
  for (let page = 0; page < pagesMax && deps.clock.nowMs() < endMs; page++) {
    const { row } = progress
    const batches = await fetchChanges(deps, row.address, row.state.head?.seq ?? 0)
    if (batches.length === 0) return
    await takeBatches(deps, progress, batches)
  }
}

async function takeBatches(deps: ReputationDeps, progress: Progress, batches: readonly Batch[]): Promise<void> {
  const { row } = progress
  let { state } = row
  for (const batch of batches) {
    state = followBatch(state, batch, deps.clock.nowMs())
    await giveWay()
  }
  const entries = batches.flatMap((batch) => batch.entries)
  await checkQuota(deps, row.source, entries)
  await keepSaid(deps, progress, { ...row, state }, entries)
}

/** Who is no reader any more follows no longer; if nobody is, the feed is gone with all that it said. */
async function catchUpAsMembers(deps: ReputationDeps, progress: Progress): Promise<void> {
  const { store, names, clock } = deps
  const { pagesMax, catchUpMs } = reputationLimits
  const endMs = clock.nowMs() + catchUpMs
  for (let page = 0; page < pagesMax && clock.nowMs() < endMs; page++) {
    const { row } = progress
    const users = await listFollowers(store.reader, row.source)
    const userIds = await names.texts(users)
    const answer = await askAsMembers(deps, row.address, userIds, row.state.head?.seq ?? 0).catch((error: unknown) => {
      if (error instanceof RemoteError && error.answer?.status === 404) return undefined
      throw error
    })
    const left = users.filter((_, at) => answer?.readers.includes(userIds[at]!) !== true)
    if (left.length > 0) {
      await store.transact((tx) => {
        for (const user of left) removeSubscriptions(tx, user, [row.source])
      })
    }
    if (answer === undefined) throw new RemoteError('refused', `${row.address} has no readers here any more`)
    checkSuccessor(row.manifest, answer.manifest)
    progress.row = { ...row, manifest: answer.manifest, audienceKey: answer.audienceKey }
    if (answer.batches.length === 0) return
    await takeBatches(deps, progress, answer.batches)
  }
}

async function beginWithSnapshot(deps: ReputationDeps, progress: Progress): Promise<void> {
  const { row } = progress
  const text = await fetchSnapshot(deps, row.address)
  if (text === undefined) return
  const steps = readSnapshotInSteps(row.state.publicKey, text, deps.clock.nowMs())
  const { state, held } = await runInSteps(steps)
  if (state.feed !== row.manifest.feed) throw new ReputationError('bad-feed', 'The snapshot is of another feed.')
  await keepSaid(deps, progress, { ...row, state }, [...held.values()])
}

/** The damper: of far more than usual within a day, what is too much is believed less for a day. */
async function findArrival(
  { store, clock }: ReputationDeps,
  { row, isNew }: Progress,
  entries: readonly FeedEntry[],
): Promise<Arrival> {
  // What a feed said before it was followed came at once, but was not said at once.
  if (isNew) return { heardMs: 0, dampedMs: [] }
  const heardMs = clock.nowMs()
  const before = await listHeard(store.longReader, row.source, heardMs - reputationLimits.burstMs)
  const said = entries.map((entry) => !('id' in entry) && entry.op !== 'erased')
  const arrivals = [...before, ...said.filter((is) => is).map(() => heardMs)]
  const damped = dampBursts(arrivals).slice(before.length).values()
  return { heardMs, dampedMs: said.map((is) => (is ? (damped.next().value ?? 0) : 0)) }
}

async function keepSaid(
  deps: ReputationDeps,
  progress: Progress,
  row: SourceRow,
  entries: readonly FeedEntry[],
): Promise<void> {
  const arrival = await findArrival(deps, progress, entries)
  await deps.store.transact((tx) => {
    updateSource(tx, row)
    applySaid(tx, row.source, entries, arrival)
  })
  progress.row = row
}

async function checkQuota({ store }: ReputationDeps, source: number, entries: readonly FeedEntry[]): Promise<void> {
  const last = new Map(entries.map((entry) => ['id' in entry ? entry.id : entryId(entry), entry]))
  const ids = [...last.keys()].filter((id) => id !== undefined)
  const counts = await countSaid(store.longReader, source, ids)
  for (const entry of last.values()) {
    if (entry.op === 'row') counts.row++
    else if (entry.op === 'statement') counts['pattern' in entry ? 'pattern' : 'entity']++
  }
  const { plainMax, patternsMax, rowsMax } = feedLimits
  if (counts.entity > plainMax || counts.pattern > patternsMax || counts.row > rowsMax) {
    throw new ReputationError('too-many', 'The feed holds more statements than a feed may.')
  }
}

/** A source as it is before the first look at it. */
export function startSource(source: number, address: string, manifest: Manifest, manner: Manner): SourceRow {
  const state = { feed: manifest.feed, publicKey: manifest.key, head: undefined, peaks: [] }
  const kept = { health: 'good', failures: 0, checkedMs: 0, nextMs: 0 } as const
  return { source, address, manifest, state, ...kept, manner, audienceKey: '', otherHead: '' }
}
