/**
 * Metrics of the inbox, the outbox and of joins. Servers are labels only while they are among the worst: how many there
 * are is up to others, the number of time series is not.
 */

import type { ServerName } from '@parallax/protocol'
import type { Metrics, Sample } from '../base/index.ts'
import { federationLimits } from './limits.ts'
import type { Outbox } from './outbox/outbox.ts'

type Parts = {
  readonly outbox: Outbox
  readonly inbox: { readonly waiting: () => ReadonlyMap<ServerName, number>; readonly running: () => number }
  readonly completing: { readonly count: () => number }
}

type ByServer = readonly (readonly [server: ServerName, value: number])[]

/** Names the figures of what other servers are told and of what they sent. */
export function observeFederation(metrics: Metrics, { outbox, inbox, completing }: Parts): void {
  const { statuses, told } = outbox
  const one = (value: number) => [{ value }]
  const sumOf = (read: (status: ReturnType<Outbox['statuses']>[number]) => number) => () =>
    one(statuses().reduce((sum, status) => sum + read(status), 0))
  metrics.gauge('parallax_outbox_servers', 'Servers that something waits for.', [], () => one(statuses().length))
  const behind = 'Servers that are told from the database: they were away, or cannot keep up.'
  metrics.gauge(
    'parallax_outbox_servers_behind',
    behind,
    [],
    sumOf(({ isBehind }) => (isBehind ? 1 : 0)),
  )
  metrics.gauge(
    'parallax_outbox_events',
    'Events in memory that wait for servers.',
    [],
    sumOf(({ events }) => events),
  )
  const edus = 'Ephemeral messages in memory that wait for servers.'
  metrics.gauge(
    'parallax_outbox_edus',
    edus,
    [],
    sumOf((status) => status.edus),
  )
  observeWorst(metrics, outbox)
  metrics.counter('parallax_outbox_transactions_total', 'Transactions by how they ended.', ['outcome'], () =>
    Object.entries(told.transactions).map(([outcome, value]) => ({ value, labels: { outcome } })),
  )
  metrics.counter('parallax_outbox_events_total', 'Events that servers took.', [], () => one(told.events))
  metrics.counter('parallax_outbox_edus_total', 'Ephemeral messages that servers took.', [], () => one(told.edus))
  const waiting = 'Events in the database that wait for what they rest on: the worst servers, and (rest).'
  metrics.gauge('parallax_inbox_waiting', waiting, ['server'], () => worstOf([...inbox.waiting()], sum))
  const running = 'Transactions of other servers that are being taken.'
  metrics.gauge('parallax_inbox_running', running, [], () => one(inbox.running()))
  const partial = 'Rooms whose members are being fetched.'
  metrics.gauge('parallax_federation_partial_rooms', partial, [], () => one(completing.count()))
}

function observeWorst(metrics: Metrics, { statuses }: Outbox): void {
  const lag = 'Age of the oldest event that a server was not told: the worst servers, and the worst of the (rest).'
  metrics.gauge('parallax_outbox_lag_seconds', lag, ['server'], () =>
    worstOf(
      statuses().map(({ server, lagMs }) => [server, lagMs / 1000]),
      Math.max,
    ),
  )
  const length = 'Events and ephemeral messages in memory: the worst servers, and the (rest) together.'
  metrics.gauge('parallax_outbox_queue_length', length, ['server'], () =>
    worstOf(
      statuses().map((status) => [status.server, status.events + status.edus]),
      sum,
    ),
  )
  const backOff = 'How long until a server is tried again: the worst servers, and the worst of the (rest).'
  metrics.gauge('parallax_outbox_backoff_seconds', backOff, ['server'], () =>
    worstOf(
      statuses().map(({ server, backOffMs }) => [server, backOffMs / 1000]),
      Math.max,
    ),
  )
}

const sum = (a: number, b: number): number => a + b

/** The servers with the greatest values, and what the others come to. */
function worstOf(all: ByServer, combine: (a: number, b: number) => number): Sample[] {
  const { worstMax } = federationLimits
  const sorted = all.filter(([, value]) => value > 0).sort(([, a], [, b]) => b - a)
  const rest = sorted.slice(worstMax).reduce((value, [, other]) => combine(value, other), 0)
  const samples = sorted.slice(0, worstMax).map(([server, value]) => ({ value, labels: { server: String(server) } }))
  return [...samples, { value: rest, labels: { server: '(rest)' } }]
}
