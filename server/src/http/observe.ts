/** Metrics of the HTTP edge: replies and time by endpoint, waiting requests. */

import type { Metrics, Sample } from '../base/index.ts'
import type { Desk } from './dispatch.ts'
import type { Route } from './route.ts'

/** Names the figures of a listener. */
export function observeListener(
  metrics: Metrics,
  routes: readonly Route[],
  { openCalls, unverified }: Pick<Desk, 'openCalls' | 'unverified'>,
): void {
  metrics.counter('parallax_http_replies_total', 'Replies by endpoint and status.', ['method', 'path', 'status'], () =>
    routes.flatMap(repliesOf),
  )
  metrics.counter(
    'parallax_http_seconds_total',
    'Time from request to reply, waits of long polls included.',
    ['method', 'path'],
    () => routes.filter((route) => route.replies.size > 0).map(secondsOf),
  )
  metrics.gauge('parallax_http_waiting', 'Requests that wait for something to happen.', [], () => [
    { value: openCalls.size },
  ])
  const meaning = 'Bytes of requests of which it is not proven yet which server sent them.'
  metrics.gauge('parallax_http_unverified_bytes', meaning, [], () => [{ value: unverified.size }])
}

function repliesOf({ endpoint, replies }: Route): Sample[] {
  const { method, path } = endpoint.declaration
  return [...replies].map(([status, value]) => ({ value, labels: { method, path, status: String(status) } }))
}

function secondsOf({ endpoint, totalMs }: Route): Sample {
  const { method, path } = endpoint.declaration
  return { value: totalMs / 1000, labels: { method, path } }
}
