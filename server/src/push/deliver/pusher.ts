/** A pusher while the server runs: where it sends, and how far it has come. */

import type { JsonObject } from '@parallax/protocol'
import type { PusherRow } from '../../users/index.ts'
import type { DeliveryRow } from './delivery-table.ts'

/** Where a pusher sends, as its client set it. Of those of kind `email` the key is the address. */
export type Gateway = {
  readonly kind: 'http' | 'email'
  readonly url: string
  readonly origin: string
  readonly isIdOnly: boolean
  /** `data` of the pusher without the URL. */
  readonly extra: JsonObject
  /** When it was set, in seconds. */
  readonly setSeconds: number
}

export type Pusher = {
  readonly user: number
  readonly appId: string
  readonly pushKey: string
  /** Both change when its client sets it again. */
  content: string
  gateway: Gateway
  doneTo: number
  badge: number
  failures: number
  retryMs: number
  /** `waiting`: for a place or for a retry. */
  state: 'idle' | 'waiting' | 'running'
  /** Something may have come since it last looked. */
  isDirty: boolean
  /** Taken away: nothing more is sent. */
  isGone: boolean
  cancelRetry: (() => void) | undefined
}

/** The pusher at rest; undefined: its kind is not known. */
export function openPusher(row: PusherRow, delivery: DeliveryRow): Pusher | undefined {
  const gateway = readGateway(row)
  const rest = { state: 'idle', isDirty: false, isGone: false, cancelRetry: undefined } as const
  return gateway && { ...delivery, content: row.content, gateway, ...rest }
}

/** The client set it again: another gateway is asked at once, whatever the last one answered. */
export function renewPusher(pusher: Pusher, row: PusherRow): void {
  if (row.content !== pusher.content) {
    pusher.failures = 0
    pusher.retryMs = 0
    pusher.content = row.content
  }
  pusher.gateway = readGateway(row) ?? pusher.gateway
}

function readGateway({ content, setMs }: PusherRow): Gateway | undefined {
  const { kind, data } = JSON.parse(content) as { kind: string; data: JsonObject }
  const { url, ...extra } = data
  const setSeconds = Math.floor(setMs / 1000)
  if (kind === 'email') return { kind, url: '', origin: 'mail', isIdOnly: false, extra, setSeconds }
  if (kind !== 'http' || typeof url !== 'string') return undefined
  const { origin } = new URL(url)
  return { kind, url, origin, isIdOnly: data.format === 'event_id_only', extra, setSeconds }
}

/** True if both are the same application's same key. */
export function isSameKey(one: PusherName, other: PusherName): boolean {
  return one.appId === other.appId && one.pushKey === other.pushKey
}

type PusherName = { readonly appId: string; readonly pushKey: string }

/** What is written down of it. */
export function deliveryOf({ user, appId, pushKey, doneTo, badge, failures, retryMs }: Pusher): DeliveryRow {
  return { user, appId, pushKey, doneTo, badge, failures, retryMs }
}
