/** What is new for a device in the rooms that it looks at: sliding sync. Spec: msc4186#api. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'

const query = Type.Object({
  pos: Type.Optional(Type.String()),
  timeout: Type.Optional(Type.Integer({ minimum: 0 })),
})

export const slidingSync = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v4/sync',
    auth: 'user-or-guest',
    limit: 'sync',
    query,
    spec: 'msc4186#api',
  },
  async ({ sync }, { caller, body, query, signal }) =>
    jsonText(await sync.nextSliding(caller, { body, query, dialect: 'accepted' }, signal)),
)

/** The same with the field names of the proposal's first implementation, which clients still use. */
export const slidingSyncUnstable = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync',
    auth: 'user-or-guest',
    limit: 'sync',
    query,
    spec: 'msc4186#unstable-prefix',
  },
  async ({ sync }, { caller, body, query, signal }) =>
    jsonText(await sync.nextSliding(caller, { body, query, dialect: 'unstable' }, signal)),
)
