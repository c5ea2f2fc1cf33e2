/** Devices: keys, cross-signing, key backup, to-device messages, device lists. */

export { createDevices, type DevicesConfig, type DevicesDeps } from './create-devices.ts'
export * from './devices.ts'
