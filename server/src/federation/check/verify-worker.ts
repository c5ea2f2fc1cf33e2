/** The thread that verifies signatures in batches: verdicts come from the same code as everywhere. */

import { parentPort } from 'node:worker_threads'
import { type SignatureCheck, verifyMany } from '@parallax/protocol'

export type VerifyRequest = { readonly id: number; readonly checks: readonly SignatureCheck[] }
export type VerifyReply = { readonly id: number; readonly verdicts: readonly boolean[] }

const port = parentPort!
port.on('message', ({ id, checks }: VerifyRequest) => {
  port.postMessage({ id, verdicts: verifyMany(checks) } satisfies VerifyReply)
})
// It can verify now.
port.postMessage({ id: 0, verdicts: [] } satisfies VerifyReply)
