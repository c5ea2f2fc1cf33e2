/** The HTTP edge: declarations of endpoints, from socket to handler and back. */

export { cachedReply } from './cached-reply.ts'
export type { Components, Control, Site } from './components.ts'
export type { Desk } from './dispatch.ts'
export {
  type Answer,
  type AuthKind,
  type Call,
  type Caller,
  type Endpoint,
  type EndpointDeclaration,
  endpoint,
  type LimitClass,
  type Method,
} from './endpoint.ts'
export { createListener, type Listener, type ListenOptions } from './listener.ts'
export { observeListener } from './observe.ts'
export { createOpenCalls } from './open-calls.ts'
export { pageReply } from './page-files.ts'
export { createRateLimiter, type LimitSizes } from './rate-limit.ts'
export { fileReply, htmlReply, jsonReply, jsonText, type Pour, type Reply, textReply } from './reply.ts'
export type { Route } from './route.ts'
export { createUnverifiedBodies } from './unverified-bodies.ts'
