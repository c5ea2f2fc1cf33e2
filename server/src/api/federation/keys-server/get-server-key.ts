/** Our signing keys. Spec: server-server-api#get_matrixkeyv2server. */

import { endpoint } from '../../../http/index.ts'

export const getServerKey = endpoint(
  {
    method: 'GET',
    path: '/_matrix/key/v2/server',
    auth: 'any-server',
    limit: 'federation',
    spec: 'server-server#get_matrixkeyv2server',
    aliases: ['/_matrix/key/v2/server/{keyId}'],
  },
  ({ remote }, { headers }) => remote.notary.ownDocument(String(headers.host ?? '')),
)
