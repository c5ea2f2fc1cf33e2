/** What a client is told of an event that is refused: by the authorisation rules, or because it breaks the format. */

import { ProtocolError, type Verdict } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'

type Refused = Extract<Verdict, { ok: false }>

/** Rules that judge what an event says and not who says it: nobody could send it. */
const formatRules: ReadonlySet<Refused['rule']> = new Set([
  'create.not-first',
  'create.room-id',
  'create.unknown-version',
  'create.no-creator',
  'create.additional-creators',
  'aliases.not-state',
  'member.bad',
  'member-third-party.bad',
  'power-levels.bad',
  'power-levels.creator-listed',
] as const)

/** Throws the MatrixError that a verdict amounts to: M_FORBIDDEN, or M_BAD_JSON where the content is at fault. */
export function refuseBy({ rule, reason }: Refused): never {
  throw new MatrixError(formatRules.has(rule) ? 'M_BAD_JSON' : 'M_FORBIDDEN', `${reason}.`)
}

/** The MatrixError that a refusal of the protocol core or of ours amounts to; undefined for any other error. */
export function refusalOf(error: unknown): MatrixError | undefined {
  if (error instanceof MatrixError) return error
  if (!(error instanceof ProtocolError)) return undefined
  if (error.kind === 'too-large') return new MatrixError('M_TOO_LARGE', error.message)
  return new MatrixError('M_BAD_JSON', error.message)
}
