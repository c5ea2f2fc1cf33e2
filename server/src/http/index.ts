/** The HTTP edge: endpoint declarations, dispatch, listener. */

export { type AuthKind, type Caller, endpoint, type Endpoint, type EndpointDeclaration } from './endpoint.ts'
export { jsonText, type Reply } from './reply.ts'
