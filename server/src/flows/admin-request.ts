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
  Type.Object({ operation: Type.Literal('setup-link') }),
])

export type AdminRequest = Static<typeof adminRequestSchema>

/** Does what is asked; answers the user ID that it concerns, the token or the link. */
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
    case 'setup-link':
      return administration.createSetupLink()
  }
}
