/** Rooms: the event graph, its state, and everything that is written to it. */

export { clientEventText, contentText, pduText, type UnsignedParts } from './client-format.ts'
export { createRooms, type Rooms, type RoomsDeps } from './create-rooms.ts'
export type { Directory } from './directory.ts'
export * from './rooms.ts'
