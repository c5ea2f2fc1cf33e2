/** Policy servers: what asks them, and what makes this server one. Spec: server-server-api#policy-servers. */

import type { JsonObject, PolicyServer, RoomEvent, RoomRules, ServerName, SigningKey } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Domains } from '../config/index.ts'
import type { Remote } from '../remote/index.ts'

/** An event that wants to become part of a room which one of our domains protects. */
export type PolicyQuestion = {
  readonly rules: RoomRules
  /** With its room and sender; its content is what its hash says. */
  readonly event: RoomEvent
  /** Who asks; not necessarily the server of the sender. */
  readonly origin: ServerName
  /** The domain of ours that is asked. */
  readonly server: ServerName
}

/** `reason`: a sentence that the sender is shown. `harms`: the kinds of harm that it does, for the log. */
export type PolicyDecision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse'; readonly harms: readonly string[]; readonly reason: string }

/** Decides on the events of the rooms that this server protects; must answer soon, the sender waits. */
export type JudgeEvent = (question: PolicyQuestion) => PolicyDecision | Promise<PolicyDecision>

/** Asks the room's policy server for its signature, unless the event has it. */
export type RequestPolicySignature = (rules: RoomRules, event: RoomEvent, server: PolicyServer) => Promise<RoomEvent>

export interface Policy {
  /**
   * The event with the valid signature of that policy server. Throws MatrixError: what it answered if it refuses,
   * M_UNKNOWN (status 502) if it does not answer or its signature is not valid; RemoteError `closed`.
   */
  readonly requestSignature: RequestPolicySignature
  /** The reply with our signature. Throws M_FORBIDDEN (status 400) if the event is refused. */
  sign(question: PolicyQuestion): Promise<JsonObject>
  /** The key, unpadded base64, with which a domain of ours signs as policy server; undefined: it is none. */
  findPublicKey(server: ServerName): string | undefined
}

export type PolicyDeps = {
  readonly clock: Clock
  readonly logger: Logger
  readonly domains: Pick<Domains, 'first' | 'isLocal'>
  readonly calls: Pick<Remote['calls'], 'askPolicyServer'>
  /** Of the domains that are policy servers. */
  readonly keys: ReadonlyMap<ServerName, SigningKey>
  readonly judge: JudgeEvent
}
