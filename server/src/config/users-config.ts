/** What the settings mean for accounts. */

import type { JsonObject } from '@parallax/protocol'
import type { Config } from './schema.ts'

/** Who may make accounts: anyone, those with a registration token, or nobody but admins. */
export function registrationOf({ registration }: Config): 'open' | 'token' | 'closed' {
  if (registration.open) return 'open'
  return registration.tokens ? 'token' : 'closed'
}

/** `policies` of the stage m.login.terms: by ID, the texts by language; undefined: there are none. */
export function policiesOf({ registration }: Config): JsonObject | undefined {
  if (registration.policies.length === 0) return undefined
  const policies: Record<string, JsonObject> = {}
  for (const { id, version, language, name, url } of registration.policies) {
    policies[id] = { ...policies[id], version, [language]: { name, url } }
  }
  return policies
}
