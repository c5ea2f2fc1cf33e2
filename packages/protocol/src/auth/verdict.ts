/** Verdicts of the authorisation rules are values that can be counted. */

import type { RefusalRule } from './refusal-rules.ts'

export type Verdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly rule: RefusalRule; readonly reason: string }

const allowedVerdict: Verdict = { ok: true }

/** The positive verdict. */
export function allowed(): Verdict {
  return allowedVerdict
}

/** A negative verdict; `reason` is a sentence fit for a client. */
export function refuse(rule: RefusalRule, reason: string): Verdict {
  return { ok: false, rule, reason }
}
