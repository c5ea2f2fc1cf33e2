/** Asking other machines: HTTP out of this process. Knows no rooms. */

export {
  createOutgoingHttp,
  type OutgoingHttp,
  type OutgoingReply,
  type OutgoingRequest,
} from './http/outgoing-http.ts'
export { observeOutgoing } from './observe.ts'
export { RemoteError, type RemoteErrorKind } from './remote-error.ts'
