/** What a client or another server is told when a request is refused. Statuses live in http/error-status.ts. */

import type { JsonValue } from '@parallax/protocol'

/** Codes of the specification (client-server-api#standard-error-response and the endpoints' own). */
export type Errcode = `M_${string}` | `ORG.MATRIX.${string}` | `IO.ELEMENT.${string}`

/** A refusal that is told to the requester: `message` is a full sentence for a person. Holds no HTTP status. */
export class MatrixError extends Error {
  readonly errcode: Errcode
  /** More fields of the reply beside `errcode` and `error`. */
  readonly fields: Readonly<Record<string, JsonValue>>
  /** Only where the specification ties one code to several statuses; otherwise http/error-status.ts decides. */
  readonly status: number | undefined

  constructor(errcode: Errcode, message: string, fields: Record<string, JsonValue> = {}, status?: number) {
    super(message)
    this.name = 'MatrixError'
    this.errcode = errcode
    this.fields = fields
    this.status = status
  }
}
