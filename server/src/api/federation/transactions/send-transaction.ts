/** Events and ephemeral messages of another server. Spec: server-server-api#put_matrixfederationv1sendtxnid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'

export const sendTransaction = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v1/send/{txnId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ txnId: Type.String({ minLength: 1, maxLength: 255 }) }),
    spec: 'server-server#put_matrixfederationv1sendtxnid',
  },
  async ({ federation }, { server, params, body }) =>
    jsonText(await federation.takeTransaction(server, params.txnId, body)),
)
