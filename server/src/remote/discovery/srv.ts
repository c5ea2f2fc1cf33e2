/** SRV records: asking for them, and the order in which they are tried. Spec: RFC 2782. */

import type { SrvRecord } from 'node:dns'
import { Resolver } from 'node:dns/promises'
import { discoveryLimits as limits } from '../limits.ts'

/** The SRV records of a name; empty: there are none, or the name server does not answer. */
export type ResolveSrv = (name: string) => Promise<readonly SrvRecord[]>

/** Asks the name servers of the system. */
export function createSrvResolver(): ResolveSrv {
  const resolver = new Resolver({ timeout: limits.srvTimeoutMs, tries: limits.srvTries })
  // A name without records and one whose server is silent both mean: go on with the next step.
  return (name) => resolver.resolveSrv(name).catch(() => [])
}

/** Lowest priority number first; among equals at random by weight. `random` gives numbers from 0 up to 1. */
export function orderSrv(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const keyed = records.map((record) => ({ record, draw: random() ** (1 / Math.max(record.weight, 0.01)) }))
  keyed.sort((a, b) => a.record.priority - b.record.priority || b.draw - a.draw)
  return keyed.map(({ record }) => record)
}
