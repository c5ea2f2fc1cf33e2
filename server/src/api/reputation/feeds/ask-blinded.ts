/** The oblivious function of a public feed, for servers that say who they are. Spec: parallax#reputation-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams } from '../schemas.ts'

export const askBlinded = endpoint(
  {
    method: 'POST',
    path: '/_matrix/reputation/v1/feeds/{feed}/oprf',
    auth: 'server',
    limit: 'federation',
    params: feedParams,
    body: Type.Object({
      elements: Type.Array(Type.String({ maxLength: 43 }), {
        minItems: 1,
        maxItems: reputationLimits.oprfElementsMax,
      }),
    }),
    spec: 'parallax#reputation-feeds',
  },
  ({ reputation }, { params, body, server }) => reputation.answerBlinded(params.feed, server.origin, body.elements),
)
