/** Builds the devices component. */

import { claimKeys } from './claim-keys.ts'
import { uploadCrossSigning } from './cross-signing.ts'
import { createDehydration } from './dehydration.ts'
import { createContext } from './device-context.ts'
import { createDeviceList } from './device-list.ts'
import type { Devices } from './devices.ts'
import type { DevicesDeps } from './devices-deps.ts'
import { createKeyBackup } from './key-backup.ts'
import { findKeyCounts } from './key-counts.ts'
import { queryKeys } from './query-keys.ts'
import { claimKeysForServer, listDevicesForServer, queryKeysForServer } from './serve-keys.ts'
import { createToDevice } from './to-device.ts'
import { uploadKeys } from './upload-keys.ts'
import { uploadSignatures } from './upload-signatures.ts'

/** The component; nothing is read before it is asked for. */
export function createDevices(deps: DevicesDeps): Devices {
  const context = createContext(deps)
  return {
    ...createDeviceList(context),
    ...createToDevice(context),
    ...createKeyBackup(context),
    ...createDehydration(context),
    uploadKeys: (caller, body) => uploadKeys(context, caller, body),
    queryKeys: (viewer, body) => queryKeys(context, viewer, body),
    claimKeys: (body) => claimKeys(context, body),
    queryKeysForServer: (body) => queryKeysForServer(context, body),
    claimKeysForServer: (body) => claimKeysForServer(context, body),
    listDevicesForServer: (userId) => listDevicesForServer(context, userId),
    findKeyCounts: (user, device) => findKeyCounts(context, user, device),
    uploadCrossSigning: (caller, body) => uploadCrossSigning(context, caller, body),
    uploadSignatures: (caller, body) => uploadSignatures(context, caller, body),
  }
}
