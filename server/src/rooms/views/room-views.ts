/** What users read of rooms, as ready JSON texts. */

import type { EventId, RoomId } from '@parallax/protocol'
import type { StoredEvent } from '../rooms.ts'
import { findByTime } from './find-by-time.ts'
import { listMessages, type MessagesQuery } from './list-messages.ts'
import { listRelations, listThreads, type RelationsQuery, type ThreadsQuery } from './list-relations.ts'
import { type Around, type AroundQuery, type ContextQuery, showAround, showContext, showEvent } from './show-event.ts'
import { type MembersQuery, showJoinedMembers, showMembers, showState, showStateEvent } from './show-state.ts'
import type { TimeQuery, ViewCaller, ViewDeps } from './view.ts'

export interface RoomViews {
  messages(caller: ViewCaller, roomId: RoomId, query: MessagesQuery): Promise<string>
  event(caller: ViewCaller, roomId: RoomId, eventId: EventId): Promise<string>
  context(caller: ViewCaller, roomId: RoomId, eventId: EventId, query: ContextQuery): Promise<string>
  /** The neighbours of an event that the caller may see. */
  around(caller: ViewCaller, event: StoredEvent, query: AroundQuery): Promise<Around>
  relations(caller: ViewCaller, roomId: RoomId, eventId: EventId, query: RelationsQuery): Promise<string>
  threads(caller: ViewCaller, roomId: RoomId, query: ThreadsQuery): Promise<string>
  eventByTime(caller: ViewCaller, roomId: RoomId, query: TimeQuery): Promise<object>
  state(caller: ViewCaller, roomId: RoomId): Promise<string>
  stateEvent(
    caller: ViewCaller,
    roomId: RoomId,
    which: { type: string; stateKey: string; format: 'content' | 'event' },
  ): Promise<string>
  members(caller: ViewCaller, roomId: RoomId, query: MembersQuery): Promise<string>
  joinedMembers(caller: ViewCaller, roomId: RoomId): Promise<object>
}

export function createRoomViews(deps: ViewDeps): RoomViews {
  return {
    messages: (caller, roomId, query) => listMessages(deps, caller, roomId, query),
    event: (caller, roomId, eventId) => showEvent(deps, caller, roomId, eventId),
    context: (caller, roomId, eventId, query) => showContext(deps, caller, roomId, eventId, query),
    around: (caller, event, query) => showAround(deps, caller, event, query),
    relations: (caller, roomId, eventId, query) => listRelations(deps, caller, roomId, eventId, query),
    threads: (caller, roomId, query) => listThreads(deps, caller, roomId, query),
    eventByTime: (caller, roomId, query) => findByTime(deps, caller, roomId, query),
    state: (caller, roomId) => showState(deps, caller, roomId),
    stateEvent: (caller, roomId, which) => showStateEvent(deps, caller, roomId, which),
    members: (caller, roomId, query) => showMembers(deps, caller, roomId, query),
    joinedMembers: (caller, roomId) => showJoinedMembers(deps, caller, roomId),
  }
}
