/** Rooms: the event graph, its state, and everything that is written to it. */

export { clientEventText, contentText, pduText, type UnsignedParts } from './client-format.ts'
export { newRoomId } from './create.ts'
export { createRooms, type Rooms, type RoomsDeps } from './create-rooms.ts'
export type { Directory } from './directory.ts'
export * from './rooms.ts'
export { parseToken, tokenOf } from './token.ts'
export { compileEventFilter, type EventFilter, parseEventFilter, readEventFilter } from './views/event-filter.ts'
export { type EventHeader, headerOf } from './views/event-header.ts'
export { requireReadable } from './views/readable.ts'
export { type RenderOptions, renderEvents, type Viewer } from './views/render-events.ts'
export { createRoomViews, type RoomViews } from './views/room-views.ts'
