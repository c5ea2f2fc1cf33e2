/** Asking other machines: HTTP out of this process, and the Matrix servers among them. Knows no rooms. */

export type { RemoteCalls } from './calls/calls.ts'
export type { SendMemberOptions } from './calls/send-member.ts'
export { createRemote, type Remote, type RemoteDeps } from './create-remote.ts'
export type { Destinations } from './destinations/destinations.ts'
export { createSrvResolver } from './discovery/srv.ts'
export { examineServer } from './examine/examine-server.ts'
export type { OpenOrigin } from './http/connections.ts'
export {
  createOutgoingHttp,
  type OutgoingHttp,
  type OutgoingReply,
  type OutgoingRequest,
} from './http/outgoing-http.ts'
export type { ReplySink } from './http/read-reply.ts'
export {
  createIdentityServers,
  type IdentityAccess,
  type IdentityServers,
  type ThreePid,
} from './identity/identity-servers.ts'
export type { PublicKeyEntry } from './identity/stored-invite.ts'
export type { KeyRing, WantedKeys } from './keys/key-ring.ts'
export { observeRemote } from './observe.ts'
export { RemoteError, type RemoteErrorKind } from './remote-error.ts'
export type { Parties } from './signed/signed-request.ts'
