/** The operations of an administrator as one request, the same from the command line and over the control endpoint. */

import { type Static, Type } from 'typebox'
import type { Administration } from './administer.ts'

const name = Type.String({ minLength: 1, maxLength: 255 })
const password = Type.String({ minLength: 1, maxLength: 512 })

export const adminRequestSchema = Type.Union([
  Type.Object({ operation: Type.Literal('create-account'), localpart: name, password, isAdmin: Type.Boolean() }),
  Type.Object({ operation: Type.Literal('reset-password'), name, password }),
  Type.Object({ operation: Type.Literal('set-admin'), name, isAdmin: Type.Boolean() }),
  Type.Object({
    operation: Type.Literal('create-invite'),
    usesMax: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    lifetimeMs: Type.Integer({ minimum: 1 }),
  }),
  Type.Object({
    operation: Type.Literal('reputation-rule'),
    kind: name,
    entity: Type.String({ minLength: 1, maxLength: 1_024 }),
    value: Type.Union([Type.Literal('block'), Type.Literal('allow'), Type.Null()]),
    reason: Type.String({ maxLength: 1_000 }),
  }),
  Type.Object({ operation: Type.Literal('reputation-show') }),
  Type.Object({ operation: Type.Literal('reputation-log') }),
  Type.Object({ operation: Type.Literal('setup-link') }),
])

export type AdminRequest = Static<typeof adminRequestSchema>

/** Does what is asked; answers the user ID that it concerns, the token, the link, or JSON. */
export async function administerWith(
  administration: Administration,
  request: AdminRequest,
): Promise<string | undefined> {
  switch (request.operation) {
    case 'create-account':
      return administration.createAccount(request)
    case 'reset-password':
      return administration.resetPassword(request.name, request.password)
    case 'set-admin':
      return administration.setAdmin(request.name, request.isAdmin)
    case 'create-invite':
      return administration.createInvite(request.usesMax, request.lifetimeMs)
    case 'reputation-rule':
      await administration.setServerRule(request, request.reason)
      return undefined
    case 'reputation-show':
      return administration.showServerLens()
    case 'reputation-log':
      return administration.showServerLog()
    case 'setup-link':
      return administration.createSetupLink()
  }
}
