/** Finds messages in the caller's rooms. Spec: client-server-api#post_matrixclientv3search. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

const context = Type.Object({
  before_limit: Type.Optional(Type.Integer()),
  after_limit: Type.Optional(Type.Integer()),
  include_profile: Type.Optional(Type.Boolean()),
})

const roomEvents = Type.Object({
  search_term: Type.String(),
  keys: Type.Optional(
    Type.Array(Type.Union([Type.Literal('content.body'), Type.Literal('content.name'), Type.Literal('content.topic')])),
  ),
  filter: Type.Optional(jsonObjectSchema),
  order_by: Type.Optional(Type.Union([Type.Literal('rank'), Type.Literal('recent')])),
  event_context: Type.Optional(context),
  include_state: Type.Optional(Type.Boolean()),
  groupings: Type.Optional(
    Type.Object({ group_by: Type.Optional(Type.Array(Type.Object({ key: Type.Optional(Type.String()) }))) }),
  ),
})

export const search = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/search',
    auth: 'user',
    limit: 'default',
    query: Type.Object({ next_batch: Type.Optional(Type.String()) }),
    body: Type.Object({ search_categories: Type.Object({ room_events: Type.Optional(roomEvents) }) }),
    spec: 'client-server#post_matrixclientv3search',
  },
  async ({ search }, { caller, query, body }) => {
    const { room_events: request } = body.search_categories
    if (request === undefined) return { search_categories: {} }
    return jsonText(await search.findMessages(caller, request, query.next_batch || undefined))
  },
)
