/** Who is online, idle or away. */

export { createPresence, type PresenceDeps } from './create-presence.ts'
export type * from './presence.ts'
