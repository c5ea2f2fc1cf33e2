/** The push component as others see it: what users are notified of, on request and at their push gateways. */

import type { DeviceId, UserId } from '@parallax/protocol'
import type { Clock, Logger, Metrics } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Mail } from '../mail/index.ts'
import type { OutgoingHttp } from '../remote/index.ts'
import type { Ephemeral, EventPushes, RoomReads } from '../rooms/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'

/** What push asks of users. */
export type PushUsers = Pick<
  Users,
  'findRuleset' | 'findInviteRules' | 'listIgnored' | 'listPushers' | 'removePusher' | 'listDeviceIds' | 'listThreePids'
>

export type PushDeps = {
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly rooms: RoomReads
  readonly ephemeral: Ephemeral
  readonly pushes: EventPushes
  readonly users: PushUsers
  readonly outgoing: Pick<OutgoingHttp, 'request'>
  readonly mail: Mail
  /** Named in letters. */
  readonly serverName: string
  readonly metrics: Metrics
  readonly clock: Clock
  readonly logger: Logger
}

/** Who asks: the caller of an endpoint. */
export type PushCaller = { readonly userId: UserId; readonly user: number; readonly deviceId: DeviceId | undefined }

/** The parameters of a request for notifications as they are on the wire. */
export type NotificationsQuery = {
  readonly from?: string | undefined
  readonly limit?: number | undefined
  readonly only?: string | undefined
}

export interface Push {
  /** JSON text of a page, newest first. Throws MatrixError M_INVALID_PARAM. */
  listNotifications(caller: PushCaller, query: NotificationsQuery): Promise<string>
  /** Takes up what was not delivered before the last stop; call when requests may go out. */
  resume(): void
  /** Lets requests under way end, briefly, and writes down what was delivered. */
  close(): Promise<void>
}
