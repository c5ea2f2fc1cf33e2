/** The presence component as others see it. Spec: client-server-api#presence. */

import type { Position } from '../journal/index.ts'

export type PresenceState = 'online' | 'unavailable' | 'offline'

/** What others are told of a user. `user` is an interned number. */
export type UserPresence = {
  readonly user: number
  readonly state: PresenceState
  readonly statusMessage: string | undefined
  /** Undefined: nobody knows. */
  readonly lastActiveMs: number | undefined
  readonly isCurrentlyActive: boolean
  /** Where it changed; 0: never, since the server runs. */
  readonly position: Position
}

/** As another server tells of one of its users. */
export type RemotePresence = Pick<UserPresence, 'state' | 'statusMessage' | 'lastActiveMs' | 'isCurrentlyActive'>

/** What the user asks for: `statusMessage` null takes it away, undefined leaves it. */
export type PresenceRequest = {
  readonly state: PresenceState
  readonly statusMessage: string | null | undefined
}

export interface Presence {
  /** False: nothing is kept and everyone is offline. */
  readonly isEnabled: boolean
  /**
   * A device waits for news: it is connected until the answered function is called, and a while longer. `wanted`
   * offline: it does not count.
   */
  connect(user: number, device: string, wanted: PresenceState): () => void
  /** The user did something that others see. */
  noteActivity(user: number, device: string): void
  /** Throws MatrixError M_INVALID_PARAM. */
  set(user: number, device: string, request: PresenceRequest): void
  receive(user: number, told: RemotePresence): void
  /** As it is now: perhaps newer than what others were told. */
  find(user: number): Promise<UserPresence>
  /** As it was last told; undefined: offline for as long as is remembered. */
  findTold(user: number): UserPresence | undefined
  /** What was told in (after, upTo], oldest first, each user once; undefined: that is not remembered. */
  listTold(after: Position, upTo: Position): UserPresence[] | undefined
  /** Position of the last change told. */
  lastPosition(): Position
  /** With the transaction: everything that is kept of the user goes. */
  forget(user: number): Promise<void>
  /** Writes when users were last active; tells no more. */
  close(): Promise<void>
}
