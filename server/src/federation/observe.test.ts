/** Metrics name the worst servers and add up the others. */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ServerName } from '@parallax/protocol'
import { createMetrics } from '../base/index.ts'
import { federationLimits } from './limits.ts'
import { observeFederation } from './observe.ts'
import { createToldCounts } from './outbox/told-counts.ts'

it('names no more servers than the limit, however many there are', async () => {
  const { worstMax } = federationLimits
  const numbers = Array.from({ length: worstMax + 5 }, (_, index) => index + 1)
  const statuses = numbers.map((number) => {
    const lagMs = number * 1000
    return { server: `s${number}.example` as ServerName, events: number, edus: 1, isBehind: false, lagMs, backOffMs: 0 }
  })
  const metrics = createMetrics()
  const outbox = { statuses: () => statuses, told: createToldCounts(), resume: () => {}, close: async () => {} }
  const inbox = { waiting: () => new Map([['s1.example' as ServerName, 7]]), running: () => 2 }
  observeFederation(metrics, { outbox, inbox, completing: { count: () => 3 } })
  const text = await metrics.text()
  const linesOf = (name: string) => text.split('\n').filter((line) => line.startsWith(name))
  const lags = linesOf('parallax_outbox_lag_seconds')
  assert.equal(lags.length, worstMax + 1)
  assert.ok(lags.includes('parallax_outbox_lag_seconds{server="s15.example"} 15'))
  assert.ok(lags.includes('parallax_outbox_lag_seconds{server="(rest)"} 5'))
  assert.ok(linesOf('parallax_outbox_queue_length').includes('parallax_outbox_queue_length{server="(rest)"} 20'))
  assert.ok(linesOf('parallax_outbox_backoff_seconds').includes('parallax_outbox_backoff_seconds{server="(rest)"} 0'))
  assert.ok(linesOf('parallax_inbox_waiting').includes('parallax_inbox_waiting{server="s1.example"} 7'))
  assert.deepEqual(linesOf('parallax_inbox_running'), ['parallax_inbox_running 2'])
  assert.deepEqual(linesOf('parallax_federation_partial_rooms'), ['parallax_federation_partial_rooms 3'])
})
