/** What the three endpoints of relations share. Spec: client-server-api#relationships-api. */

import { type Static, Type } from 'typebox'

export const relationsQuery = Type.Object({
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer({ minimum: 1 })),
  dir: Type.Optional(Type.Union([Type.Literal('b'), Type.Literal('f')])),
  recurse: Type.Optional(Type.Boolean()),
})

const DEFAULT_LIMIT = 20

/** What a query wishes for; `relType` and `type` come from the path. */
export function relationsWishOf(query: Static<typeof relationsQuery>, relType?: string, type?: string) {
  const { from, to, limit = DEFAULT_LIMIT, dir: direction = 'b', recurse: isRecursive = false } = query
  return { relType, type, from, to, limit, direction, isRecursive } as const
}
