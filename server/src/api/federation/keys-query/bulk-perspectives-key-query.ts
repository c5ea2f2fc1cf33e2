/** The keys of other servers, signed by us too. Spec: server-server-api#post_matrixkeyv2query. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

const criteria = Type.Object({ minimum_valid_until_ts: Type.Optional(Type.Integer({ minimum: 0 })) })

export const bulkPerspectivesKeyQuery = endpoint(
  {
    method: 'POST',
    path: '/_matrix/key/v2/query',
    auth: 'any-server',
    limit: 'federation',
    body: Type.Object({ server_keys: Type.Record(Type.String(), Type.Record(Type.String(), criteria)) }),
    spec: 'server-server#post_matrixkeyv2query',
  },
  async ({ remote }, { body }) => {
    const latest = Object.entries(body.server_keys).map(([server, keys]) => {
      const times = Object.values(keys).map(({ minimum_valid_until_ts: time = 0 }) => time)
      return [server, Math.max(0, ...times)] as const
    })
    return { server_keys: await remote.notary.listDocuments(new Map(latest)) }
  },
)
