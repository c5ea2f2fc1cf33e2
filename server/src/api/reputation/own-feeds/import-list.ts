/** Says a block list of another network in a feed of the user. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { feedParams } from '../schemas.ts'

const formatSchema = Type.Union([Type.Literal('mastodon-csv'), Type.Literal('hosts'), Type.Literal('rpz')])

export const importList = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/feeds/{feed}/import',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    body: Type.Object({ format: formatSchema, context: Type.String(), text: Type.String() }),
    isRefusedToSuspended: true,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params, body }) => reputation.importList(caller, params.feed, body),
)
