/**
 * Opinions on their way into sealed rows and out of them: a row names context and reason by their places in the
 * manifest, and a severe context by the one name that all of them have.
 */

import { findContext } from '../context.ts'
import type { EntityKind } from '../entity.ts'
import { ReputationError } from '../errors.ts'
import { reputationLimits } from '../limits.ts'
import { requireCanonical } from './entry.ts'
import { parseFields, parseText, parseWord } from './fields.ts'
import type { Manifest } from './manifest.ts'
import { parseOpinion, readOpinion, type View, type WrittenOpinion } from './opinion.ts'
import type { RowPayload } from './row.ts'

/** What can be looked up by a costly hash: whoever meets a message should not pay for each of them. */
export const sealedKinds = ['user', 'server', 'room'] as const satisfies readonly EntityKind[]

/** What a sealed row says, and of whom, before it is sealed. */
export type SealedOpinion = WrittenOpinion & { readonly kind: EntityKind; readonly entity: string }

/**
 * The opinion of untrusted JSON that is to be sealed; throws a ReputationError. What is severe is told by that word
 * alone, without a reason.
 */
export function parseSealedOpinion(value: unknown): SealedOpinion {
  const fields = parseFields(value, 'An opinion')
  const kind = parseWord(fields, 'kind', sealedKinds)
  const entity = requireCanonical(kind, parseText(fields, 'entity', reputationLimits.entityBytesMax))
  const { origins: _, hops: __, ...written } = parseOpinion(fields, true)
  if (findContext(written.context).class !== 'severe') return { kind, entity, ...written }
  const { reason_code: ___, ...severe } = written
  return { kind, entity, ...severe, context: 'severe' }
}

/** The payload; throws `bad-context` where the manifest does not define the context. */
export function packOpinion(manifest: Manifest, opinion: SealedOpinion): RowPayload {
  const context = manifest.contexts.findIndex((defined) => defined.context === opinion.context)
  if (context < 0) throw new ReputationError('bad-context', 'A sealed feed says what each of its contexts means.')
  const reason = opinion.reason_code === undefined ? -1 : manifest.reasons.indexOf(opinion.reason_code)
  return {
    ...{ opinion: opinion.opinion, confidence: opinion.confidence, context, hops: 0, origins: [] },
    ...(reason >= 0 && { reason }),
    issued: Math.floor(opinion.issued / 1_000),
    ...(opinion.expires !== undefined && { expires: Math.ceil(opinion.expires / 1_000) }),
  }
}

/** What a payload says; undefined for a context that the manifest does not define. */
export function unpackOpinion({ contexts, reasons }: Manifest, payload: RowPayload): View | undefined {
  const context = contexts[payload.context]?.context
  if (context === undefined) return undefined
  const { opinion, confidence, issued, expires, reason, origins } = payload
  const reasonCode = reason === undefined ? undefined : reasons[reason]
  return {
    ...readOpinion({ opinion, confidence, context, issued: issued * 1_000, origins }),
    ...(expires !== undefined && { expiresMs: expires * 1_000 }),
    ...(reasonCode !== undefined && { reasonCode }),
  }
}
