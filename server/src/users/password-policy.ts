/** What users may choose as passwords. Spec: client-server-api#password-management; msc2000. */

import type { JsonObject } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'

export type CharacterClass = 'digit' | 'symbol' | 'lowercase' | 'uppercase'

export type PasswordPolicy = {
  /** In characters. */
  readonly lengthMin: number
  /** A password has at least one of each. */
  readonly required: readonly CharacterClass[]
}

/** Letters and digits of all scripts count. */
const forms: Readonly<Record<CharacterClass, { readonly form: RegExp; readonly words: string }>> = {
  digit: { form: /\p{Nd}/u, words: 'a digit' },
  symbol: { form: /[^\p{L}\p{N}\s]/u, words: 'a symbol' },
  lowercase: { form: /\p{Ll}/u, words: 'a small letter' },
  uppercase: { form: /\p{Lu}/u, words: 'a capital letter' },
}

/** Throws MatrixError M_WEAK_PASSWORD, with a sentence that says what is missing. */
export function checkPassword({ lengthMin, required }: PasswordPolicy, password: string): void {
  const missing = required.filter((name) => !forms[name].form.test(password)).map((name) => forms[name].words)
  if ([...password].length < lengthMin) missing.unshift(`at least ${lengthMin} characters`)
  if (missing.length > 0) throw new MatrixError('M_WEAK_PASSWORD', `A password needs ${missing.join(', ')}.`)
}

/** The policy as clients read it: msc2000. */
export function describePolicy({ lengthMin, required }: PasswordPolicy): JsonObject {
  const flags = required.map((name) => [`m.require_${name}`, true] as const)
  return { 'm.minimum_length': lengthMin, ...Object.fromEntries(flags) }
}
