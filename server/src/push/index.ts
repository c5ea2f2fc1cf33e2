/** Push: who is notified of what, the list of it, and its delivery to push gateways. */

export { createPush } from './create-push.ts'
export type * from './push.ts'
