/** The keys of another server, signed by us too. Spec: server-server-api#get_matrixkeyv2queryservername. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const perspectivesKeyQuery = endpoint(
  {
    method: 'GET',
    path: '/_matrix/key/v2/query/{serverName}',
    auth: 'any-server',
    limit: 'federation',
    params: Type.Object({ serverName: Type.String() }),
    query: Type.Object({ minimum_valid_until_ts: Type.Optional(Type.Integer({ minimum: 0 })) }),
    spec: 'server-server#get_matrixkeyv2queryservername',
    aliases: ['/_matrix/key/v2/query/{serverName}/{keyId}'],
  },
  async ({ remote }, { params, query }) => ({
    server_keys: await remote.notary.listDocuments(new Map([[params.serverName, query.minimum_valid_until_ts ?? 0]])),
  }),
)
