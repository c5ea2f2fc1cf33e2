/** Builds room graphs for tests: short IDs, states followed along each branch, auth events selected as servers do. */

import {
  type EventId,
  type JsonObject,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  type StateMap,
  type StateMapKey,
  selectAuthEvents,
  stateKeyOf,
  type UserId,
} from '../../src/index.ts'

/** What a test says of an event; the rest follows. */
export type EventDraft = {
  readonly id: string
  readonly type: string
  readonly stateKey?: string
  readonly sender: string
  readonly content?: JsonObject
  readonly time?: number
  readonly prev?: readonly string[]
  /** Instead of the selection from the branch's state. */
  readonly auth?: readonly string[]
}

/** A line of history: events are added to its end. */
export interface Branch {
  /** Adds an event whatever the rules say, and takes it into the branch's state if it is a state event. */
  add(draft: EventDraft): RoomEvent
  state(): StateMap
  /** A second line that begins where this one is now. */
  fork(): Branch
}

export interface RoomBuilder {
  readonly events: Map<EventId, RoomEvent>
  readonly main: Branch
  get(id: EventId): RoomEvent | undefined
}

/** An empty room of that version. Event IDs are `$` and the draft's ID; in v12 the room ID is the first event's. */
export function createRoomBuilder(rules: RoomRules): RoomBuilder {
  const events = new Map<EventId, RoomEvent>()
  let roomId = '!room:example.org' as RoomId
  const branchFrom = (start: StateMap, tip: RoomEvent | undefined): Branch => {
    const state = new Map(start)
    let last = tip
    return {
      add(draft) {
        if (rules.privilegedCreators && events.size === 0) roomId = `!${draft.id}` as RoomId
        const event = build(rules, roomId, draft, state, last)
        events.set(event.eventId, event)
        if (event.stateKey !== undefined) state.set(stateKeyOf(event.type, event.stateKey), event.eventId)
        last = event
        return event
      },
      state: () => new Map(state),
      fork: () => branchFrom(state, last),
    }
  }
  return { events, main: branchFrom(new Map(), undefined), get: (id) => events.get(id) }
}

function build(
  rules: RoomRules,
  roomId: RoomId,
  draft: EventDraft,
  state: ReadonlyMap<StateMapKey, EventId>,
  last: RoomEvent | undefined,
): RoomEvent {
  const content = draft.content ?? {}
  const pairs = selectAuthEvents(rules, { type: draft.type, stateKey: draft.stateKey, sender: draft.sender, content })
  const selected = pairs.map(([type, key]) => state.get(stateKeyOf(type, key))).filter((id) => id !== undefined)
  const depth = (last?.depth ?? 0) + 1
  return {
    eventId: `$${draft.id}` as EventId,
    roomId,
    type: draft.type,
    sender: draft.sender as UserId,
    stateKey: draft.stateKey,
    content,
    originServerTs: draft.time ?? depth,
    depth,
    prevEvents: draft.prev?.map((id) => `$${id}` as EventId) ?? (last ? [last.eventId] : []),
    authEvents: draft.auth?.map((id) => `$${id}` as EventId) ?? selected,
    redacts: undefined,
    pdu: { type: draft.type, sender: draft.sender, content },
  }
}
