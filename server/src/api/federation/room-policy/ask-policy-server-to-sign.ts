/** The policy server of a room signs an event, or refuses it. Spec: server-server-api#post_matrixpolicyv1sign. */

import { endpoint } from '../../../http/index.ts'

export const askPolicyServerToSign = endpoint(
  {
    method: 'POST',
    path: '/_matrix/policy/v1/sign',
    auth: 'server',
    limit: 'federation',
    spec: 'server-server#post_matrixpolicyv1sign',
  },
  ({ federation }, { server, body }) => federation.signAsPolicyServer(server, body),
)
