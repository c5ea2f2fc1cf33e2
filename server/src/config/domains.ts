/** The domains of this process: a set, never a constant. */

import { createSigner, type ServerName, type Signer, type SigningKey } from '@parallax/protocol'

import type { OldKey } from './signing-keys.ts'

export interface Domains {
  /** True if users, rooms and aliases of this domain live here. */
  isLocal(server: ServerName | string): boolean
  /** The domain of new accounts that name none. */
  readonly first: ServerName
  readonly names: readonly ServerName[]
  /** Who signs for a domain; undefined for those of others. */
  findSigner(server: ServerName): Signer | undefined
  findSigningKey(server: ServerName): SigningKey | undefined
  /** Keys that signed for the domain before. */
  listOldKeys(server: ServerName): readonly OldKey[]
}

/** The domains with their signing keys; the first is that of new accounts. */
export function createDomains(
  keys: ReadonlyMap<ServerName, SigningKey>,
  oldKeys: ReadonlyMap<ServerName, readonly OldKey[]>,
): Domains {
  const names = [...keys.keys()]
  const signers = new Map(names.map((name) => [name, createSigner(name, keys.get(name)!)]))
  return {
    first: names[0]!,
    names,
    isLocal: (server) => signers.has(server as ServerName),
    findSigner: (server) => signers.get(server),
    findSigningKey: (server) => keys.get(server),
    listOldKeys: (server) => oldKeys.get(server) ?? [],
  }
}
