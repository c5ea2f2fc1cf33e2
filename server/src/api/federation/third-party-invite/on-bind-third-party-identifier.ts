/**
 * An identity server tells of invites by e-mail that a user of ours can take up. Spec:
 * server-server-api#put_matrixfederationv13pidonbind.
 */

import { endpoint } from '../../../http/index.ts'

export const onBindThirdPartyIdentifier = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v1/3pid/onbind',
    auth: 'any-server',
    limit: 'federation',
    spec: 'server-server#put_matrixfederationv13pidonbind',
  },
  async ({ federation }, { body }) => {
    await federation.takeBound(body)
    return {}
  },
)
