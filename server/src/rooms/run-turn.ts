/**
 * A room's turn: what waits for the room is gathered for, decided one after another on the head, and committed in one
 * transaction, so that many senders share one fsync.
 */

import { randomBytes } from 'node:crypto'
import {
  type EventId,
  referenceHash,
  type ServerName,
  type Signer,
  type StateMapKey,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { type Clock, type KeyedQueue, MatrixError } from '../base/index.ts'
import type { RequestPolicySignature } from '../policy/index.ts'
import type { Names, Reader } from '../store/index.ts'
import type { CommitDeps } from './commit.ts'
import { commitAccepted } from './commit-accepted.ts'
import {
  type Accepted,
  type DecideContext,
  type Decision,
  decide,
  keysToDecide,
  type Proposal,
  type RedactionTarget,
  type Working,
} from './decide.ts'
import { listEvents, listEventsById } from './event-table.ts'
import { type RoomHead, toRoomEvent } from './heads.ts'
import { findPolicyOf, vouchForAll } from './policy.ts'
import { refusalOf } from './refusal.ts'
import type { EventDraft, Sent, TransactionKey } from './rooms.ts'
import { findTransaction } from './transaction-table.ts'

/** How often a turn asks the room's policy server at most: others wait behind it. */
const POLICY_ROUNDS_MAX = 3

export type TurnDeps = CommitDeps & {
  readonly requestPolicySignature: RequestPolicySignature
  readonly reader: Reader
  readonly names: Names
  readonly clock: Clock
  /** Signs for one of our domains; undefined for any other server. */
  readonly findSigner: (server: ServerName) => Signer | undefined
  readonly queue: KeyedQueue<number>
  /**
   * Now, but never the same twice: from version 12 on a room's ID is the hash of its create event, which holds nothing
   * else that tells apart two rooms of one creator.
   */
  readonly nextCreationMs: () => number
}

/** Events of one sender that are added together: all or none. */
export type Submission = {
  readonly sender: UserId
  readonly drafts: readonly EventDraft[]
  readonly transaction: TransactionKey | undefined
}

/** A submission in the line; of several answers the first counts. */
export type Waiting = Submission & {
  readonly resolve: (sent: Sent[]) => void
  readonly reject: (error: unknown) => void
}

/** A submission's place in the turn: which of the accepted events are its own, or which it repeats. */
type Answered = { readonly waiting: Waiting; readonly results: readonly (Sent | EventId)[] }
type Refused = { readonly waiting: Waiting; readonly error: unknown }

/**
 * Answers every submission of the batch, once what was accepted is on the disk. Throws StoreError 'conflict', having
 * answered none but repeats, if the room was changed behind the turn's back.
 */
export async function runTurn(deps: TurnDeps, room: number, batch: readonly Waiting[], round = 1): Promise<void> {
  const head = await deps.heads.find(room)
  if (head === undefined) return refuseAll(batch)
  const fresh = await answerRepeats(deps, room, batch)
  if (fresh.length === 0) return
  const cells = await deps.heads.loadCells(head, [...new Set(fresh.flatMap((one) => keysOf(head, one)))])
  const targets = await loadTargets(deps, head, fresh)
  const start = await startOf(deps, head)
  const context = { cells, targets, nowMs: deps.clock.nowMs(), newEventId, findSigner: deps.findSigner }
  const decided = decideAll(deps, context, start, fresh)
  const { answered, refused } = decided
  const server = decided.accepted.length === 0 ? undefined : await findPolicyOf(deps, head)
  const vouched = server === undefined ? decided : await vouchForAll(deps.requestPolicySignature, server, decided)
  if ('refusals' in vouched) return runWithout(deps, { room, fresh, answered, round }, vouched.refusals)
  const numbers = await commitAccepted(deps, head, cells, vouched)
  for (const { waiting, results } of answered) {
    waiting.resolve(
      results.map((result) => (typeof result === 'string' ? { eventId: result, event: numbers.get(result)! } : result)),
    )
  }
  for (const { waiting, error } of refused) waiting.reject(error)
}

type Unvouched = {
  readonly room: number
  readonly fresh: readonly Waiting[]
  readonly answered: readonly Answered[]
  readonly round: number
}

/**
 * Runs the turn again without what the room's policy server does not vouch for: what follows a refused event was
 * decided on a room that there will never be.
 */
async function runWithout(
  deps: TurnDeps,
  { room, fresh, answered, round }: Unvouched,
  refusals: ReadonlyMap<EventId, unknown>,
): Promise<void> {
  const rest = new Set(fresh)
  for (const { waiting, results } of answered) {
    const refusedId = results.find((result) => typeof result === 'string' && refusals.has(result))
    if (refusedId === undefined) continue
    waiting.reject(refusals.get(refusedId as EventId))
    rest.delete(waiting)
  }
  if (round < POLICY_ROUNDS_MAX) return rest.size === 0 ? undefined : runTurn(deps, room, [...rest], round + 1)
  for (const one of rest) one.reject(new MatrixError('M_LIMIT_EXCEEDED', 'Try again.', { retry_after_ms: 1000 }))
}

/** What the first event of a turn is decided on. */
export async function startOf(deps: Pick<TurnDeps, 'reader'>, head: RoomHead): Promise<Working> {
  return {
    rules: head.rules,
    cells: new Map(),
    tips: head.row.extremities.map(({ event, eventId, depth }) => ({ eventId, depth, number: event })),
    create: head.create,
    roomId: head.roomId,
    hashes: await loadHashes(deps, head),
  }
}

/** For an unknown room as for one that the sender is not in: the two are not told apart. */
function refuseAll(batch: readonly Waiting[]): void {
  for (const one of batch) one.reject(notInRoom(one.sender))
}

/** What a sender is told who is not in the room, or whose room there is not. */
export function notInRoom(sender: UserId): MatrixError {
  return new MatrixError('M_FORBIDDEN', `${sender} is not in the room.`)
}

function keysOf(head: RoomHead, one: Submission): StateMapKey[] {
  return one.drafts.flatMap((draft) => keysToDecide(head.rules, one.sender, draft))
}

/** Answers the submissions whose transaction ID was seen before; gives back the others. */
async function answerRepeats(deps: TurnDeps, room: number, batch: readonly Waiting[]): Promise<Waiting[]> {
  const fresh: Waiting[] = []
  for (const one of batch) {
    const number = one.transaction && (await findTransaction(deps.reader, room, one.transaction))
    const [stored] = number === undefined ? [] : await listEvents(deps.reader, [number])
    if (stored === undefined) fresh.push(one)
    else one.resolve([{ eventId: stored.eventId, event: stored.event }])
  }
  return fresh
}

/** A random event ID for the versions in which the origin chooses it. */
export function newEventId(server: ServerName): EventId {
  return `$${randomBytes(18).toString('base64url')}:${server}` as EventId
}

/** Reference hashes of the forward extremities, in the versions where references carry them. */
async function loadHashes(
  deps: Pick<TurnDeps, 'reader'>,
  { rules, roomId, row }: RoomHead,
): Promise<Map<EventId, string>> {
  if (rules.eventIdFormat !== 'explicit') return new Map()
  const tips = await listEvents(
    deps.reader,
    row.extremities.map((tip) => tip.event),
  )
  return new Map(tips.map((tip) => [tip.eventId, referenceHash(rules, toRoomEvent(rules, roomId, tip).pdu)]))
}

async function loadTargets(deps: TurnDeps, head: RoomHead, batch: readonly Waiting[]) {
  const ids = batch.flatMap((one) => one.drafts.flatMap((draft) => draft.redacts ?? []))
  const targets = new Map<EventId, RedactionTarget | 'later'>(ids.map((id) => [id, 'later']))
  if (ids.length === 0) return targets
  for (const stored of await listEventsById(deps.reader, ids)) {
    targets.delete(stored.eventId)
    if (stored.room !== head.row.room || stored.outcome === 3) continue
    targets.set(stored.eventId, { stored, event: toRoomEvent(head.rules, head.roomId, stored) })
  }
  return targets
}

function decideAll(deps: TurnDeps, context: DecideContext, start: Working, batch: readonly Waiting[]) {
  const accepted: Accepted[] = []
  const answered: Answered[] = []
  const refused: Refused[] = []
  const byTransaction = new Map<string, EventId>()
  let working = start
  for (const waiting of batch) {
    const key = waiting.transaction && transactionText(waiting.transaction)
    const repeated = key === undefined ? undefined : byTransaction.get(key)
    if (repeated !== undefined) {
      answered.push({ waiting, results: [repeated] })
      continue
    }
    try {
      const outcome = decideSubmission(context, working, waiting, signerFor(deps, waiting.sender))
      working = outcome.working
      accepted.push(...outcome.accepted)
      answered.push({ waiting, results: outcome.results })
      const first = outcome.results[0]
      if (key !== undefined && typeof first === 'string') byTransaction.set(key, first)
    } catch (error) {
      // Whatever it is, a fault of ours too: deciding changes nothing, so the neighbours go on.
      refused.push({ waiting, error: refusalOf(error) ?? error })
    }
  }
  return { accepted, answered, refused, working }
}

/** Decides the drafts of one sender one after another; throws at the first that is refused. */
export function decideSubmission(
  context: DecideContext,
  start: Working,
  submission: Submission,
  signer: Signer,
): { working: Working; accepted: Accepted[]; results: (Sent | EventId)[] } {
  const accepted: Accepted[] = []
  const results: (Sent | EventId)[] = []
  let working = start
  for (const draft of submission.drafts) {
    const proposal: Proposal = { sender: submission.sender, draft, signer }
    const decision: Decision = decide(context, working, proposal, submission.transaction)
    if (decision.kind === 'unchanged') {
      const { eventId, number } = decision
      results.push(number === undefined ? eventId : { eventId, event: number })
      continue
    }
    working = decision.working
    accepted.push(decision.accepted)
    results.push(decision.accepted.event.eventId)
  }
  return { working, accepted, results }
}

/** The signer of the sender's domain; a sender of another server is our own mistake. */
export function signerFor(deps: Pick<TurnDeps, 'findSigner'>, sender: UserId): Signer {
  const signer = deps.findSigner(serverNameOf(sender))
  if (signer === undefined) throw new Error(`no signing key for ${sender}`)
  return signer
}

function transactionText({ user, device, transactionId, path }: TransactionKey): string {
  return JSON.stringify([user, device, transactionId, path])
}
