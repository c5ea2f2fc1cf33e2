/** The folders of the server, low to high; scripts/tidy.ts fails the build when one imports from a later one. */

/** A folder (or a single file beside this one), or folders of one height that may not import one another. */
export type Layer = string | { readonly siblings: readonly string[] }

export const layers: readonly Layer[] = [
  'config',
  'base',
  'store',
  'journal',
  'remote',
  'blobs',
  'mail',
  'reputation',
  'policy',
  'users',
  'presence',
  'devices',
  'rooms',
  { siblings: ['media', 'sync', 'search', 'push', 'appservices', 'federation', 'moderation'] },
  'flows',
  'http',
  'api',
  'compose',
  'cli',
  'main',
]
