/** Metrics of what is asked from other machines. */

import type { Metrics } from '../base/index.ts'
import type { OutgoingHttp } from './http/outgoing-http.ts'

/** Names the figures of the requests under way. */
export function observeOutgoing(metrics: Metrics, outgoing: OutgoingHttp): void {
  metrics.gauge('parallax_outgoing_running', 'Requests to other machines under way.', [], () => [
    { value: outgoing.counts().running },
  ])
  metrics.gauge('parallax_outgoing_waiting', 'Requests to other machines that wait for a place.', [], () => [
    { value: outgoing.counts().waiting },
  ])
}
