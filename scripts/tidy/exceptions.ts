/** What the checks let pass, each list with its reason. */

/** Files longer than the limits because they are tables: of data, or (the wiring) of components. */
export const dataTables: readonly string[] = ['server/src/compose.ts']

/** The files of a package that may import from outside it: hashing and signing. Key: package folder. */
export const packageDoors: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'packages/protocol': {
    'packages/protocol/src/signing/hash.ts': 'node:crypto',
    'packages/protocol/src/signing/ed25519.ts': 'sodium-native',
  },
  'packages/reputation': {
    'packages/reputation/src/feed/hash.ts': 'node:crypto',
    'packages/reputation/src/feed/sodium.ts': 'sodium-native',
    'packages/reputation/src/lookup/curve.ts': 'libsodium-wrappers-sumo',
  },
}

/** The specification's own nouns that hold a banned word. */
export const specTerms: readonly string[] = [
  'AccountData',
  'ApplicationService',
  'AuthData',
  'QueryInfo',
  'RoomData',
  'UserData',
]

/** Folders whose `createX` anyone below may call: small tools, not components. */
export const toolFolders: readonly string[] = ['base']
