/** Metrics of what is asked from other machines. */

import type { Metrics } from '../base/index.ts'
import type { Remote } from './create-remote.ts'
import type { OutgoingHttp } from './http/outgoing-http.ts'

/** Names the figures of the requests under way, and of servers that do not answer. */
export function observeRemote(metrics: Metrics, outgoing: OutgoingHttp, { destinations }: Remote): void {
  metrics.gauge('parallax_servers_failing', 'Servers that did not answer and are left alone for a while.', [], () => [
    { value: destinations.failing() },
  ])
  metrics.gauge('parallax_outgoing_running', 'Requests to other machines under way.', [], () => [
    { value: outgoing.counts().running },
  ])
  metrics.gauge('parallax_outgoing_waiting', 'Requests to other machines that wait for a place.', [], () => [
    { value: outgoing.counts().waiting },
  ])
}
