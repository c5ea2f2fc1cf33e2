/** One request to a push gateway, and what it answered. */

import { isJsonObject } from '@parallax/protocol'
import { type OutgoingReply, RemoteError } from '../../remote/index.ts'
import { deliveryLimits } from '../limits.ts'
import type { PushDeps } from '../push.ts'
import type { Pusher } from './pusher.ts'

/** `closed`: this server is stopping. `failed`: to be tried again, not before `waitMs`. */
export type GatewayAnswer =
  | { readonly outcome: 'delivered' | 'rejected' | 'closed' }
  | { readonly outcome: 'failed'; readonly reason: string; readonly waitMs: number }

/** Sends the body to the pusher's gateway; throws nothing. */
export async function sendToGateway(
  { outgoing }: Pick<PushDeps, 'outgoing'>,
  { gateway, pushKey }: Pusher,
  body: string,
): Promise<GatewayAnswer> {
  try {
    const reply = await outgoing.request({
      url: gateway.url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      timeoutMs: deliveryLimits.requestMs,
      bodyBytesMax: deliveryLimits.replyBytesMax,
    })
    return readAnswer(reply, pushKey)
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    return error.kind === 'closed' ? { outcome: 'closed' } : { outcome: 'failed', reason: error.kind, waitMs: 0 }
  }
}

function readAnswer({ status, headers, body }: OutgoingReply, pushKey: string): GatewayAnswer {
  if (status < 200 || status >= 300) {
    return { outcome: 'failed', reason: `status ${status}`, waitMs: readRetryAfter(headers['retry-after']) }
  }
  const rejected = parseRejected(body)
  return { outcome: rejected?.includes(pushKey) === true ? 'rejected' : 'delivered' }
}

/** NOTSPEC: an answer of 200 without a list of rejected keys counts as delivered: to repeat it would alert twice. */
function parseRejected(body: Buffer): readonly unknown[] | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'))
    return isJsonObject(answer) && Array.isArray(answer.rejected) ? answer.rejected : undefined
  } catch {
    return undefined
  }
}

/** Seconds are understood, dates are not. */
function readRetryAfter(value: string | string[] | undefined): number {
  const seconds = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : 0
  return Math.min(seconds * 1000, deliveryLimits.retryMaxMs)
}
