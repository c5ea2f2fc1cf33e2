/** The one list of migrations, in order: forward only, each run once in a transaction of its own. */

import { store } from './0001-store.ts'
import { users } from './0002-users.ts'
import { devices } from './0003-devices.ts'
import { rooms } from './0004-rooms.ts'
import { sync } from './0005-sync.ts'
import { accounts } from './0006-accounts.ts'
import { moderation } from './0007-moderation.ts'
import { remote } from './0008-remote.ts'
import { push } from './0009-push.ts'
import { received } from './0010-received.ts'
import { media } from './0011-media.ts'
import { relations } from './0012-relations.ts'
import { eventTime } from './0013-event-time.ts'
import { outsideRooms } from './0014-outside-rooms.ts'
import { presence } from './0015-presence.ts'
import { slidingSync } from './0016-sliding-sync.ts'
import { inbox } from './0017-inbox.ts'
import { search } from './0018-search.ts'
import { noticeRooms } from './0019-notice-rooms.ts'
import { messageSearch } from './0020-message-search.ts'
import { threepids } from './0021-threepids.ts'
import { outbox } from './0022-outbox.ts'
import { reputation } from './0023-reputation.ts'
import { reputationSources } from './0024-reputation-sources.ts'
import { threepidBindings } from './0025-threepid-bindings.ts'
import { threadSubscriptions } from './0026-thread-subscriptions.ts'
import { reputationLenses } from './0027-reputation-lenses.ts'
import { roomEntry } from './0028-room-entry.ts'
import { outboxSince } from './0029-outbox-since.ts'
import { partialRooms } from './0030-partial-rooms.ts'
import { outboxUser } from './0031-outbox-user.ts'
import { unverifiedEvents } from './0032-unverified-events.ts'
import { reputationBursts } from './0033-reputation-bursts.ts'
import { reputationKinds } from './0034-reputation-kinds.ts'
import { reputationSealing } from './0035-reputation-sealing.ts'
import { mediaPictures } from './0036-media-pictures.ts'
import { unprovenState } from './0037-unproven-state.ts'
import { reputationLog } from './0038-reputation-log.ts'
import { reputationParents } from './0039-reputation-parents.ts'

export type Migration = {
  /** 1, 2, 3 … without gaps. */
  readonly id: number
  readonly name: string
  /** In the common dialect (see dialect.ts). */
  readonly sql: string
}

export const migrations: readonly Migration[] = [
  store,
  users,
  devices,
  rooms,
  sync,
  accounts,
  moderation,
  remote,
  push,
  received,
  media,
  relations,
  eventTime,
  outsideRooms,
  presence,
  slidingSync,
  inbox,
  search,
  noticeRooms,
  messageSearch,
  threepids,
  outbox,
  reputation,
  reputationSources,
  threepidBindings,
  threadSubscriptions,
  reputationLenses,
  roomEntry,
  outboxSince,
  partialRooms,
  outboxUser,
  unverifiedEvents,
  reputationBursts,
  reputationKinds,
  reputationSealing,
  mediaPictures,
  unprovenState,
  reputationLog,
  reputationParents,
]
