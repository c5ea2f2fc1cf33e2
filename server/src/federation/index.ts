/** What other servers are answered with, and what is taken from them. */

export { createFederation, type Federation } from './create-federation.ts'
export { inviteBodyOf } from './handshake/take-invite.ts'
