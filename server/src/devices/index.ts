/** Devices: keys, cross-signing, key backup, to-device messages, device lists. */

export { createDevices } from './create-devices.ts'
export * from './devices.ts'
export type { DevicesConfig, DevicesDeps } from './devices-deps.ts'
