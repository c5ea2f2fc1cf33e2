/** Schemas of the reputation API. What they let through is looked at again by the rules of the reputation package. */

import { Type } from 'typebox'
import { reputationLimits, type WrittenLens } from '../../reputation/index.ts'

/** The name of a feed: its first key, or what another server calls it. */
export const feedParams = Type.Object({ feed: Type.String({ pattern: '^[A-Za-z0-9._~-]{1,128}$' }) })

export const audienceSchema = Type.Union([Type.Literal('me'), Type.Literal('named'), Type.Literal('public')])
export const tierSchema = Type.Union([Type.Literal('T0'), Type.Literal('T2'), Type.Literal('T3')])
export const readersSchema = Type.Array(Type.String({ maxLength: 255 }), { maxItems: reputationLimits.readersMax })

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

export const lensNameSchema = Type.String({
  pattern: '^[^\\u0000-\\u001f]+$',
  maxLength: reputationLimits.lensNameCharsMax,
})
export const lensParams = Type.Object({ name: lensNameSchema })

const levelSchema = Type.Union(['curious', 'some', 'good', 'strong', 'own'].map((level) => Type.Literal(level)))
const modeSchema = Type.Union(['notify', 'blend', 'enforce'].map((mode) => Type.Literal(mode)))
const actionSchema = Type.Union(['none', 'annotate', 'blur', 'hide', 'refuse'].map((action) => Type.Literal(action)))

/** Why the server's lens is changed, for its log. */
export const reasonSchema = Type.Optional(Type.String({ maxLength: reputationLimits.reasonCharsMax }))

export const lensSchema = Type.Unsafe<WrittenLens>(
  Type.Object({
    subscriptions: Type.Array(
      Type.Object({
        source: Type.Integer({ minimum: 1 }),
        trust: Type.Record(Type.String(), levelSchema),
        mode: modeSchema,
        operator: Type.Optional(Type.String({ minLength: 1, maxLength: reputationLimits.lensNameCharsMax })),
      }),
      { maxItems: reputationLimits.subscriptionsPerUserMax },
    ),
    rules: Type.Optional(
      Type.Array(
        Type.Object({
          kind: Type.String(),
          entity: Type.String(),
          value: Type.Union([Type.Literal('block'), Type.Literal('allow')]),
        }),
        { maxItems: reputationLimits.lensRulesMax },
      ),
    ),
    action_max: Type.Optional(actionSchema),
  }),
)
