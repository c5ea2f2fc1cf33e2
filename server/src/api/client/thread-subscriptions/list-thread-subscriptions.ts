/** Threads that the caller followed or left, newest first: what sliding sync had no room for. Spec: msc4308. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const listThreadSubscriptions = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/unstable/io.element.msc4308/thread_subscriptions',
    auth: 'user',
    limit: 'default',
    query: Type.Object({
      dir: Type.Literal('b'),
      from: Type.Optional(Type.String()),
      to: Type.Optional(Type.String()),
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
    spec: 'msc4308#proposal',
  },
  ({ sync }, { caller, query }) => sync.listThreads(caller, query),
)
