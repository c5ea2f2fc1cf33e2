/** What differs between room versions; each version in `versions.ts` is the previous one, except … Spec: rooms. */

export type RoomVersionId = '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '10' | '11' | '12'

export type RoomRules = {
  readonly version: RoomVersionId
  /**
   * 1: `event_id` on the wire, references as [id, hashes] pairs (v1–2). 3: references as IDs (v3–11). 12: create
   * without `room_id`.
   */
  readonly eventFormat: 1 | 3 | 12
  /**
   * How event IDs are made: chosen by the origin (v1–2), reference hash in standard (v3) or URL-safe base64 (v4 and
   * later).
   */
  readonly eventIdFormat: 'explicit' | 'base64' | 'base64url'
  readonly stateResolution: 'v1' | 'v2' | 'v2.1'
  /** Keys must be valid at the event's time (v5 and later). */
  readonly enforceKeyValidity: boolean
  /** Strict canonical JSON: integers in range, no floats (v6 and later). */
  readonly strictCanonicalJson: boolean
  /**
   * `type` and `state_key` are bounded in bytes when an event is parsed (v11 and later). Before, servers took them by
   * characters and rejected by bytes, so that what follows such an event has something to follow.
   */
  readonly strictByteLimits: boolean
  /** `m.room.aliases` has a rule of its own in authorisation and redaction (v1–5). */
  readonly aliasesSpecial: boolean
  /** Redactions are judged by the authorisation rules (v1–2); later they are judged when they are applied. */
  readonly redactionAuthRule: boolean
  /** `notifications` of the power levels is checked (v6 and later). */
  readonly checkNotificationLevels: boolean
  /** Knocking (v7). */
  readonly knock: boolean
  /** Restricted joins (v8). */
  readonly restrictedJoin: boolean
  /** `knock_restricted` (v10). */
  readonly knockRestricted: boolean
  /** Power levels must be integers; before, strings of digits pass too (v10). */
  readonly integerPowerLevels: boolean
  /** Redaction keeps `allow` of join rules (v8). */
  readonly redactionKeepsAllow: boolean
  /** Redaction keeps `join_authorised_via_users_server` of members (v9). */
  readonly redactionKeepsAuthorisingUser: boolean
  /**
   * Redaction as of v11: whole create content, `invite`, `signed` of third-party invites, `redacts`; no `origin`,
   * `membership`, `prev_state`.
   */
  readonly redactionSince11: boolean
  /** `redacts` is in the content (v11 and later). */
  readonly redactsInContent: boolean
  /** The creator is the create event's sender; `content.creator` is gone (v11 and later). */
  readonly creatorIsSender: boolean
  /** The room ID is the create event's hash, create is not among auth events, creators have infinite power (v12). */
  readonly privilegedCreators: boolean
}
