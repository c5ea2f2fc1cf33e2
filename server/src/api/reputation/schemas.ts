/** Schemas of the reputation API. What they let through is looked at again by the rules of the reputation package. */

import { Type } from 'typebox'

/** The name of a feed: its first key, or what another server calls it. */
export const feedParams = Type.Object({ feed: Type.String({ pattern: '^[A-Za-z0-9._~-]{1,128}$' }) })

export const audienceSchema = Type.Union([Type.Literal('me'), Type.Literal('public')])

export const descriptionSchema = Type.Object({
  name: Type.String({ minLength: 1 }),
  class: Type.Union([Type.Literal('human'), Type.Literal('automated'), Type.Literal('mixed')]),
  contexts: Type.Array(Type.Object({ context: Type.String(), meaning: Type.String() })),
  languages: Type.Optional(Type.Array(Type.String())),
  contact: Type.Optional(Type.String()),
  licence: Type.Optional(Type.String()),
})

export const opinionSchema = Type.Object({
  kind: Type.String(),
  entity: Type.Optional(Type.String()),
  pattern: Type.Optional(Type.String()),
  context: Type.String(),
  opinion: Type.Integer({ minimum: -100, maximum: 100 }),
  confidence: Type.Optional(Type.Integer({ minimum: 1, maximum: 99 })),
  expires: Type.Optional(Type.Integer({ minimum: 1 })),
  reason_code: Type.Optional(Type.String()),
})
