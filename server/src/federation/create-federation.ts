/** Builds what other servers are answered with, and what takes what they send. */

import type { EventId, HandshakeMembership, JsonObject, RoomId, UserId } from '@parallax/protocol'
import type { Metrics } from '../base/index.ts'
import type { KnownRoom, StoredEvent } from '../rooms/index.ts'
import { createAccess } from './access.ts'
import { type Completing, createCompleting } from './acting/complete-rooms.ts'
import { joinRemote } from './acting/join-remote.ts'
import { createJoins } from './acting/joins.ts'
import { knockRemote, leaveRemote } from './acting/leave-remote.ts'
import type { RemoteWish } from './acting/member-event.ts'
import { createVerifier } from './check/verifier.ts'
import type { Asking, FederationDeps } from './federation-deps.ts'
import { inviteRemote, type RemoteInvite } from './handshake/invite-remote.ts'
import { type MakeQuestion, makeMember } from './handshake/make-member.ts'
import { type SentQuestion, takeJoin, takeKnock, takeLeave } from './handshake/send-member.ts'
import { type InviteQuestion, takeInvite } from './handshake/take-invite.ts'
import { exchangeInvite, takeBound, takeUpInvite } from './handshake/third-party-invite.ts'
import { type AtTime, askByTime, type TimeQuestion } from './history/ask-by-time.ts'
import { createFillHistory, type Filled } from './history/fill-history.ts'
import { createInbox } from './inbox/inbox.ts'
import { observeFederation } from './observe.ts'
import { createAudience } from './outbox/audience.ts'
import { createOutbox } from './outbox/outbox.ts'
import {
  type MissingQuestion,
  serveBackfill,
  serveEvent,
  serveEventAtTime,
  serveEventAuth,
  serveMissingEvents,
  serveState,
} from './serve/serve-events.ts'
import { serveHierarchy } from './serve/serve-hierarchy.ts'
import { signAsPolicyServer } from './serve/sign-as-policy-server.ts'

type EventQuestion = { readonly roomId: RoomId; readonly eventId: EventId }

/**
 * What other servers ask; `asking` says who asks which of our domains. All refuse servers that the room's access list
 * shuts out, and those that are not in the room where that is asked for. Texts are JSON.
 */
export interface Federation {
  event(asking: Asking, eventId: EventId): Promise<string>
  state(asking: Asking, question: EventQuestion & { readonly form: 'events' | 'ids' }): Promise<string>
  eventAuth(asking: Asking, question: EventQuestion): Promise<string>
  backfill(
    asking: Asking,
    question: { readonly roomId: RoomId; readonly from: readonly EventId[]; readonly limit: number },
  ): Promise<string>
  missingEvents(asking: Asking, question: MissingQuestion): Promise<string>
  eventAtTime(
    asking: Asking,
    question: { readonly roomId: RoomId; readonly ts: number; readonly direction: 'f' | 'b' },
  ): Promise<object>
  hierarchy(asking: Asking, roomId: RoomId, isSuggestedOnly: boolean): Promise<JsonObject>
  makeMember(asking: Asking, membership: HandshakeMembership, question: MakeQuestion): Promise<JsonObject>
  takeJoin(asking: Asking, question: SentQuestion): Promise<string>
  takeLeave(asking: Asking, question: SentQuestion): Promise<void>
  takeKnock(asking: Asking, question: SentQuestion): Promise<JsonObject>
  takeInvite(asking: Asking, question: InviteQuestion): Promise<JsonObject>
  exchangeInvite(asking: Asking, roomId: RoomId, body: JsonObject): Promise<void>
  /** What the policy server of a room answers about an event. */
  signAsPolicyServer(asking: Asking, event: JsonObject): Promise<JsonObject>
  /** From an identity server, unsigned. */
  takeBound(body: JsonObject): Promise<void>
  /** JSON text of the answer to what another server sends. Throws M_INVALID_PARAM, M_LIMIT_EXCEEDED. */
  takeTransaction(asking: Asking, transactionId: string, body: JsonObject): Promise<string>
  /** Asks for what is missing before the event at this place of the room's timeline. */
  fillHistory(room: number, before: number): Promise<Filled>
  /** The event nearest to a time as other servers say. */
  askByTime(room: number, question: TimeQuestion): Promise<AtTime | undefined>
  /**
   * A user of ours joins a room that nobody here is in. Throws M_NOT_FOUND, M_FORBIDDEN, M_UNSUPPORTED_ROOM_VERSION;
   * M_UNKNOWN (status 502) if no server could be asked.
   */
  joinRemote(wish: RemoteWish): Promise<void>
  /** Rejects an invitation to such a room, or takes a knock back; `left` is the member event that ends. */
  leaveRemote(wish: RemoteWish, left: StoredEvent): Promise<void>
  /** Throws as `joinRemote`. */
  knockRemote(wish: RemoteWish): Promise<void>
  /** A user of ours invites one of another server. */
  inviteRemote(invite: RemoteInvite): Promise<void>
  /**
   * A user of ours proves with what an identity server signed that a third-party invite is theirs: they are invited.
   * Throws M_FORBIDDEN; M_UNKNOWN (status 502) if the inviting server does not answer.
   */
  takeUpInvite(target: UserId, roomId: RoomId, signed: JsonObject): Promise<void>
  /** Takes up what waits since before the start. */
  resume(): void
  /** Resolves when nothing is under way any more; requests to other servers must end by themselves. */
  close(): Promise<void>
}

export type CreateFederationDeps = Omit<FederationDeps, 'verifier'> & {
  readonly metrics: Metrics
  readonly describeRoom: (info: KnownRoom) => Promise<JsonObject>
}

/** Counts what waits in the inbox. */
export async function createFederation(given: CreateFederationDeps): Promise<Federation> {
  const joins = createJoins(given)
  const verifier = createVerifier(given)
  const shared = { ...given, verifier, joins, access: createAccess(given.rooms) }
  const completing: Completing = createCompleting(shared, (room) => inbox.retryRoom(room))
  const deps = { ...shared, completing }
  const inbox = await createInbox(deps)
  const outbox = createOutbox({ ...deps, audience: createAudience(deps, deps.access) })
  if (given.remote.isEnabled) observeFederation(given.metrics, { inbox, outbox, completing })
  return {
    event: (asking, eventId) => serveEvent(deps, asking, eventId),
    state: (asking, question) => serveState(deps, asking, question),
    eventAuth: (asking, question) => serveEventAuth(deps, asking, question),
    backfill: (asking, question) => serveBackfill(deps, asking, question),
    missingEvents: (asking, question) => serveMissingEvents(deps, asking, question),
    eventAtTime: (asking, question) => serveEventAtTime(deps, asking, question),
    hierarchy: (asking, roomId, isSuggestedOnly) => serveHierarchy(deps, asking, roomId, isSuggestedOnly),
    makeMember: (asking, membership, question) => makeMember(deps, asking, membership, question),
    takeJoin: (asking, question) => takeJoin(deps, asking, question),
    takeLeave: (asking, question) => takeLeave(deps, asking, question),
    takeKnock: (asking, question) => takeKnock(deps, asking, question),
    takeInvite: (asking, question) => takeInvite(deps, asking, question),
    exchangeInvite: (asking, roomId, body) => exchangeInvite(deps, asking, roomId, body),
    signAsPolicyServer: (asking, event) => signAsPolicyServer(deps, asking, event),
    takeTransaction: inbox.take,
    fillHistory: createFillHistory(deps),
    askByTime: (room, question) => askByTime(deps, room, question),
    takeBound: (body) => takeBound(deps, body),
    joinRemote: (wish) => joinRemote(deps, joins, wish),
    leaveRemote: (wish, left) => leaveRemote(deps, wish, left),
    knockRemote: (wish) => knockRemote(deps, wish),
    inviteRemote: (invite) => inviteRemote(deps, invite),
    takeUpInvite: (target, roomId, signed) => takeUpInvite(deps, target, roomId, signed),
    resume() {
      inbox.resume()
      outbox.resume()
      void completing.resume()
    },
    async close() {
      await Promise.all([inbox.close(), outbox.close(), completing.close()])
      await verifier.close()
    },
  }
}
