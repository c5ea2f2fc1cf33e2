/**
 * Decides, purely, what becomes of the events that wait for a room's turn: each is built on the head as the ones
 * before it left it, judged by the authorisation rules, and either accepted or refused without cost to its neighbours.
 */

import {
  type AuthState,
  allow,
  allowRedaction,
  authorisingServerOf,
  buildEvent,
  canonicalJson,
  type EventId,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  referenceHash,
  type ServerName,
  type Signer,
  type StateMapKey,
  selectAuthEvents,
  serverNameOf,
  signEvent,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import type { Cells } from './heads.ts'
import { refuseBy } from './refusal.ts'
import type { EventDraft, Membership, StoredEvent, TransactionKey } from './rooms.ts'

/** One event that a local user wants to add. */
export type Proposal = { readonly sender: UserId; readonly draft: EventDraft; readonly signer: Signer }

/** An event that will be committed. */
export type Accepted = {
  readonly event: RoomEvent
  /** What it replaces in its slot; its number, unless it is of this same turn. */
  readonly replaced: WorkingCell | undefined
  readonly transaction: TransactionKey | undefined
  /** The event that it redacts; `later`: that is not here yet. */
  readonly redacts: StoredEvent | 'later' | undefined
  readonly membership: MembershipChange | undefined
  /** True: of another server, to be passed on to all others in the room. */
  readonly isRelayed?: boolean | undefined
}

export type MembershipChange = { readonly user: UserId; readonly before: Membership; readonly after: Membership }

/** As `StateCell`, but of this turn's events the number is not known yet. */
export type WorkingCell = { readonly number: number | undefined; readonly event: RoomEvent }

/** An extremity by its ID. */
export type Tip = { readonly eventId: EventId; readonly depth: number; readonly number: number | undefined }

/** The head as it will be after the accepted events. */
export type Working = {
  readonly rules: RoomRules
  readonly cells: ReadonlyMap<StateMapKey, WorkingCell>
  readonly tips: readonly Tip[]
  readonly create: RoomEvent | undefined
  readonly roomId: RoomId | undefined
  /** Versions 1–2, where references carry hashes: reference hashes of tips and of this turn's events. */
  readonly hashes: ReadonlyMap<EventId, string>
}

export type DecideContext = {
  /** The state events that `keysToDecide` asked for. */
  readonly cells: Cells
  readonly nowMs: number
  /** Versions 1–2: a new event's ID, chosen at random. */
  readonly newEventId: (server: ServerName) => EventId
  /** Signs for one of our domains; undefined for any other server. */
  readonly findSigner: (server: ServerName) => Signer | undefined
  /** Targets of redactions, by ID; `later`: not here yet, of whatever room it may be. */
  readonly targets: ReadonlyMap<EventId, RedactionTarget | 'later'>
}

/** An event of this room that a redaction names. */
export type RedactionTarget = { readonly stored: StoredEvent; readonly event: RoomEvent }

/** Either a new event, or the state event that says the same already. */
export type Decision =
  | { readonly kind: 'accepted'; readonly accepted: Accepted; readonly working: Working }
  | { readonly kind: 'unchanged'; readonly eventId: EventId; readonly number: number | undefined }

/** Events that one of ours follows at most. */
export const PREV_EVENTS_MAX = 10
/** Other servers choose the depth of their events: ours stays an integer of canonical JSON whatever they chose. */
const DEPTH_MAX = Number.MAX_SAFE_INTEGER

/** The state-map keys that a decision on this draft looks at. */
export function keysToDecide(rules: RoomRules, sender: UserId, draft: EventDraft): StateMapKey[] {
  const { type, stateKey, content } = draft
  const tuples = selectAuthEvents(rules, { type, stateKey, sender, content })
  const keys = tuples.map(([of, key]) => stateKeyOf(of, key))
  if (stateKey !== undefined) keys.push(stateKeyOf(type, stateKey))
  // Version 12: not an auth event, but the index of auth chains rests on it.
  if (rules.privilegedCreators && stateKey !== undefined) keys.push(stateKeyOf('m.room.create', ''))
  if (type === 'm.room.redaction') keys.push(stateKeyOf('m.room.power_levels', ''))
  return keys
}

/** Throws MatrixError M_FORBIDDEN or M_BAD_JSON if the rules refuse it, ProtocolError if it is no valid event. */
export function decide(
  context: DecideContext,
  working: Working,
  proposal: Proposal,
  transaction?: TransactionKey,
): Decision {
  const { rules } = working
  const { draft } = proposal
  const find = (key: StateMapKey): WorkingCell | undefined =>
    working.cells.get(key) ?? context.cells.get(key) ?? undefined
  const state: AuthState = { get: (type, stateKey) => find(stateKeyOf(type, stateKey))?.event }
  const slotKey = draft.stateKey === undefined ? undefined : stateKeyOf(draft.type, draft.stateKey)
  const replaced = slotKey === undefined ? undefined : find(slotKey)
  const { event, isAuthoriserSigned } = signAsAuthoriser(context, rules, build(context, working, state, proposal))
  const facts = { create: working.create, authorisingServerSigned: isAuthoriserSigned }
  const verdict = allow(rules, event, state, facts)
  if (!verdict.ok) refuseBy(verdict)
  // Only who may set it is told that it is set already.
  if (replaced !== undefined && saysTheSame(replaced.event, event)) {
    return { kind: 'unchanged', eventId: replaced.event.eventId, number: replaced.number }
  }
  const target = event.redacts === undefined ? undefined : context.targets.get(event.redacts)
  if (typeof target === 'object') checkMayRedact(state, working, event, target)
  const redacts = typeof target === 'object' ? target.stored : target
  const accepted = { event, replaced, transaction, redacts, membership: membershipChange(event, replaced?.event) }
  return { kind: 'accepted', accepted, working: workingAfter(working, event, slotKey) }
}

/**
 * Who vouches for a join may be of another of our domains, which signs it too; the signature of another server, whose
 * user were to vouch, is lacking.
 */
function signAsAuthoriser({ findSigner }: DecideContext, rules: RoomRules, event: RoomEvent) {
  const isNamed = event.type === 'm.room.member' && event.content.join_authorised_via_users_server !== undefined
  if (!isNamed || !rules.restrictedJoin) return { event, isAuthoriserSigned: true }
  const server = authorisingServerOf(rules, event)
  const signer = server === undefined ? undefined : findSigner(server)
  if (signer === undefined) return { event, isAuthoriserSigned: false }
  if (signer.name === serverNameOf(event.sender)) return { event, isAuthoriserSigned: true }
  return { event: { ...event, pdu: signEvent(rules, event.pdu, signer) }, isAuthoriserSigned: true }
}

function checkMayRedact(state: AuthState, working: Working, event: RoomEvent, target: RedactionTarget): void {
  const verdict = allowRedaction(working.rules, event, target.event, state, working.create)
  if (!verdict.ok) refuseBy(verdict)
}

function build(context: DecideContext, working: Working, state: AuthState, proposal: Proposal): RoomEvent {
  const { draft, sender, signer } = proposal
  const { type, stateKey, content } = draft
  const tips = [...working.tips].sort((a, b) => b.depth - a.depth).slice(0, PREV_EVENTS_MAX)
  const tuples = selectAuthEvents(working.rules, { type, stateKey, sender, content })
  const auth = tuples.flatMap(([of, key]) => state.get(of, key) ?? [])
  return buildEvent(
    working.rules,
    {
      type,
      stateKey,
      sender,
      content,
      roomId: working.roomId,
      redacts: working.rules.redactsInContent ? undefined : draft.redacts,
      originServerTs: draft.originServerTs ?? context.nowMs,
      depth: Math.min((tips[0]?.depth ?? 0) + 1, DEPTH_MAX),
      prevEvents: tips.map((tip) => tip.eventId),
      authEvents: auth.map((event) => event.eventId),
      ...explicitIds(context, working, sender, auth),
    },
    signer,
  )
}

/** Versions 1–2: the event's own ID and the hashes of what it refers to. */
function explicitIds(context: DecideContext, working: Working, sender: UserId, auth: readonly RoomEvent[]) {
  if (working.rules.eventIdFormat !== 'explicit') return {}
  const hashes = new Map(working.hashes)
  for (const event of auth) hashes.set(event.eventId, referenceHash(working.rules, event.pdu))
  return {
    eventId: context.newEventId(serverNameOf(sender)),
    referenceHashOf: (eventId: EventId) => hashes.get(eventId)!,
  }
}

function saysTheSame(old: RoomEvent, event: RoomEvent): boolean {
  return old.sender === event.sender && canonicalJson(old.content) === canonicalJson(event.content)
}

function membershipOf(event: RoomEvent | undefined): Membership {
  const membership = event?.content.membership
  return typeof membership === 'string' ? (membership as Membership) : 'leave'
}

/** What a member event changes; undefined for other events. */
export function membershipChange(event: RoomEvent, before: RoomEvent | undefined): MembershipChange | undefined {
  if (event.type !== 'm.room.member' || event.stateKey === undefined) return undefined
  return { user: event.stateKey as UserId, before: membershipOf(before), after: membershipOf(event) }
}

/** The head after one more accepted event. */
export function workingAfter(working: Working, event: RoomEvent, slotKey: StateMapKey | undefined): Working {
  const used = new Set(event.prevEvents)
  const tip = { eventId: event.eventId, depth: event.depth, number: undefined }
  const tips = [...working.tips.filter((old) => !used.has(old.eventId)), tip]
  const hashes = hashesAfter(working, event)
  if (slotKey === undefined) return { ...working, tips, hashes }
  const cells = new Map(working.cells).set(slotKey, { number: undefined, event })
  const create = working.create ?? event
  return { ...working, tips, hashes, cells, create, roomId: working.roomId ?? event.roomId }
}

function hashesAfter({ rules, hashes }: Working, event: RoomEvent): ReadonlyMap<EventId, string> {
  if (rules.eventIdFormat !== 'explicit') return hashes
  return new Map(hashes).set(event.eventId, referenceHash(rules, event.pdu))
}
