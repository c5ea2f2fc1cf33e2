/** What the devices component needs. */

import type { ServerName } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Remote } from '../remote/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'

export type DevicesConfig = {
  /** Dehydrated devices (MSC3814). Default false. */
  readonly dehydratedDevices?: boolean | undefined
}

export type DevicesDeps = {
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly clock: Clock
  readonly logger: Logger
  readonly users: Users
  /** Undefined: there are no other servers. */
  readonly remote?: Pick<Remote, 'calls' | 'isAllowed'> | undefined
  /** The domain that asks other servers. */
  readonly ownServer?: ServerName | undefined
  readonly isLocal: (server: ServerName) => boolean
  readonly config: DevicesConfig
}
