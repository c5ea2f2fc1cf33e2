/** The configuration: its schema, where it comes from, the data folder and the local domains. */

export { findClosest } from './closest-word.ts'
export { ConfigError } from './config-error.ts'
export { findServerName, prepareDataFolder, settleDomains, settleServerName } from './data-folder.ts'
export { createDomains, type Domains } from './domains.ts'
export { buildSampleConfig, explainConfig, explainConfigAsJson } from './explain.ts'
export { type AddressBytes, type IpRange, isInRange, parseAddress, parseIpRange } from './ip-range.ts'
export { baseUrlOf, readSockets, type Sockets } from './listen-options.ts'
export { type Effective, type Environment, type LoadedConfig, loadConfig } from './load-config.ts'
export { mailOf } from './mail-options.ts'
export { outgoingOf } from './outgoing-options.ts'
export { findRunning, forgetRunning, type Running, writeRunning } from './running-file.ts'
export type { Config } from './schema.ts'
export {
  findPublicKey,
  listOldKeys,
  type OldKey,
  openPolicyKey,
  openSigningKey,
  rotateSigningKey,
} from './signing-keys.ts'
export { policiesOf, registrationOf } from './users-config.ts'
