/**
 * What a user's lens did to what came in the last days: metrics, decisions, previews, invitations kept aside. All is
 * worked out from the user's own rooms when asked for; nothing of it is kept.
 */

import { bandOf } from '@parallax/reputation'
import { type Clock, MatrixError } from '../base/index.ts'
import {
  type AskedEntity,
  entityOfExplanation,
  type Reputation,
  type Survey,
  type Verdict,
  type WrittenLens,
} from '../reputation/index.ts'
import { filterShown, headerOf, type Rooms, type StoredEvent } from '../rooms/index.ts'
import type { Names } from '../store/index.ts'
import type { Actor } from './flow-deps.ts'
import { createLookupGuard } from './lookups.ts'

export type ViewpointDeps = {
  readonly rooms: Rooms
  readonly names: Names
  readonly reputation: Pick<Reputation, 'survey' | 'judgeOne' | 'explain' | 'explainVerdict' | 'explainInRoom'>
  readonly clock: Clock
}

export interface Viewpoint {
  /** Of the last seven days. */
  metrics(actor: Actor): Promise<object>
  /** What the lens decided, the newest first. */
  decisions(actor: Actor): Promise<object>
  /** What another lens would change. Throws M_INVALID_PARAM. */
  preview(actor: Actor, lens: WrittenLens): Promise<object>
  /** How an entity looks through a lens, and why. Throws as `Reputation.explain`; M_LIMIT_EXCEEDED. */
  explain(actor: Actor, asked: AskedEntity): Promise<object>
  /** The answer to an explanation ID. Throws as `explain`. */
  explainVerdict(actor: Actor, id: string): Promise<object>
  /** Invitations that the lens keeps aside. */
  quiet(actor: Actor): Promise<object>
}

const WINDOW_MS = 7 * 24 * 3_600_000
/** The rooms with the latest news, and the newest events of each. */
const ROOMS_MAX = 50
const EVENTS_MAX = 100
const LISTED_MAX = 200
/** Smaller counts are not told exactly (rule 4). */
const COUNT_MIN = 5

type Item = {
  readonly eventId: string
  readonly sender: string
  readonly roomId: string
  readonly ts: number
}

export function createViewpoint(deps: ViewpointDeps): Viewpoint {
  const look = async (actor: Actor, lens?: WrittenLens) => {
    const items = await listItems(deps, actor)
    return { items, survey: await deps.reputation.survey(actor.user, items, lens) }
  }
  const requireLookup = createLookupGuard(deps)
  return {
    async explain(actor, asked) {
      await requireLookup(actor, asked)
      return deps.reputation.explain(actor.user, asked)
    },
    async explainVerdict(actor, id) {
      const asked = entityOfExplanation(id)
      if (asked?.roomId !== undefined) return explainInRoom(deps, actor, asked, asked.roomId)
      if (asked !== undefined) await requireLookup(actor, asked)
      return deps.reputation.explainVerdict(actor.user, id)
    },
    async metrics(actor) {
      return showMetrics((await look(actor)).survey)
    },
    async decisions(actor) {
      const { items, survey } = await look(actor)
      const decided = items.filter(({ eventId }) => survey.verdicts.has(eventId)).slice(0, LISTED_MAX)
      return { decisions: decided.map((item) => ({ ...showItem(item), ...showVerdict(survey.verdicts, item) })) }
    },
    async preview(actor, lens) {
      const { items, survey } = await look(actor, lens)
      return showChanges(items, survey)
    },
    quiet: async (actor) => ({ invites: await listQuiet(deps, actor) }),
  }
}

/** Who is in the room learns why its lens did what it did. */
async function explainInRoom(
  { rooms, names, reputation }: ViewpointDeps,
  actor: Actor,
  asked: { readonly kind: string; readonly entity: string },
  roomId: string,
): Promise<object> {
  const [room] = await names.find([roomId])
  const member = room === undefined ? undefined : await rooms.findMember(room, actor.user)
  if (member?.membership !== 'join') throw new MatrixError('M_NOT_FOUND', 'There is no such explanation.')
  return reputation.explainInRoom(room!, asked)
}

/** Messages of others that the user could have seen in the window, the newest first. */
async function listItems({ rooms, clock }: ViewpointDeps, actor: Actor): Promise<Item[]> {
  const members = [...(await rooms.listMemberships(actor.user)).values()]
  const joined = members.filter(({ membership }) => membership === 'join').map(({ room }) => room)
  const latest = [...(await rooms.listLastPositions(joined))].sort((one, other) => other[1] - one[1])
  const fromMs = clock.nowMs() - WINDOW_MS
  const items: Item[] = []
  for (const [room] of latest.slice(0, ROOMS_MAX)) {
    const range = { before: Number.MAX_SAFE_INTEGER, direction: 'backwards', limit: EVENTS_MAX } as const
    const events = await rooms.listTimeline(room, range)
    const isAsked = ({ slot, sender, ts, redactedBy }: StoredEvent) =>
      slot === null && sender !== actor.user && ts >= fromMs && redactedBy === null
    for (const event of await filterShown(rooms, actor, room, events.filter(isAsked))) {
      const { roomId, sender } = headerOf(event)
      items.push({ eventId: event.eventId, sender, roomId, ts: event.ts })
    }
  }
  return items.sort((one, other) => other.ts - one.ts)
}

function showMetrics({ verdicts, metrics, names }: Survey): object {
  // Of severe contexts nothing is counted (rule 5).
  const told = [...verdicts.values()].filter((verdict) => verdict.class !== 'severe')
  const byAction = countOf(told, ({ action }) => (action === 'refuse' ? 'hide' : action))
  const attribution = [...metrics.attribution].map(([feed, count]) => ({
    source: Number(feed),
    name: names.get(feed),
    decided: showCount(count),
  }))
  return {
    window_ms: WINDOW_MS,
    items: metrics.items,
    seen: metrics.items - metrics.keptBack,
    by_action: byAction,
    by_class: countOf(told, (verdict) => verdict.class),
    ribbon: countByClass(told),
    hidden_share: metrics.hiddenShare,
    unseen_senders: metrics.unseenSenders,
    attribution,
    concentration: metrics.concentration,
    contested_share: metrics.contestedShare,
    diversity_loss: metrics.diversityLoss,
    overlap: Object.fromEntries([...metrics.overlap].map(([name, share]) => [names.get(name) ?? name, share])),
    bubble_index: metrics.bubbleIndex,
    band: bandOf(metrics.bubbleIndex),
  }
}

/** By class (own rules are one of their own), then by action. */
function countByClass(verdicts: readonly Verdict[]): object {
  const counts = Map.groupBy(verdicts, (verdict) => (verdict.rule === 'own-rule' ? 'own' : verdict.class))
  const nameOf = ({ action }: Verdict) => (action === 'refuse' ? 'hide' : action)
  return Object.fromEntries([...counts].map(([name, own]) => [name, countOf(own, nameOf)]))
}

function countOf(verdicts: readonly Verdict[], nameOf: (verdict: Verdict) => string): object {
  const counts = Map.groupBy(verdicts, nameOf)
  return Object.fromEntries([...counts].map(([name, own]) => [name, showCount(own.length)]))
}

function showCount(count: number): number | 'a few' {
  return count > 0 && count < COUNT_MIN ? 'a few' : count
}

function showItem({ eventId, roomId, sender, ts }: Item): object {
  return { event_id: eventId, room_id: roomId, sender, origin_server_ts: ts }
}

function showVerdict(verdicts: ReadonlyMap<string, Verdict>, { eventId }: Item): object {
  const { action, rule, class: name, explanationId } = verdicts.get(eventId)!
  const more = name === 'severe' ? {} : { rule, class: name }
  return { action: action === 'refuse' ? 'hide' : action, ...more, explanation_id: explanationId }
}

function showChanges(items: readonly Item[], { verdicts, tried }: Survey): object {
  const actionOf = (from: ReadonlyMap<string, Verdict> | undefined, { eventId }: Item): string => {
    const action = from?.get(eventId)?.action ?? 'none'
    return action === 'refuse' ? 'hide' : action
  }
  const changed = items
    .map((item) => ({ item, before: actionOf(verdicts, item), after: actionOf(tried, item) }))
    .filter(({ before, after }) => before !== after)
  const hidden = changed.filter(({ after }) => after === 'hide').map(({ item }) => item.sender)
  return {
    items: items.length,
    changed: changed.length,
    newly_hidden_senders: [...new Set(hidden)].slice(0, LISTED_MAX),
    changes: changed.slice(0, LISTED_MAX).map(({ item, before, after }) => ({ ...showItem(item), before, after })),
  }
}

async function listQuiet({ rooms, reputation }: ViewpointDeps, actor: Actor): Promise<object[]> {
  const members = [...(await rooms.listMemberships(actor.user)).values()]
  const invites = members.filter(({ membership }) => membership === 'invite').map(({ event }) => event)
  const quiet: object[] = []
  for (const event of await rooms.listEvents(invites)) {
    const { roomId, sender } = headerOf(event)
    if (!(await rooms.isQuiet(actor.user, sender))) continue
    const verdict = await reputation.judgeOne(actor.user, { sender })
    quiet.push({ room_id: roomId, sender, origin_server_ts: event.ts, explanation_id: verdict?.explanationId })
  }
  return quiet
}
