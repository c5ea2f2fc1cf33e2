/** Bounds of what is told of relations. */

export const relationLimits = {
  /** Events of one page. */
  pageMax: 100,
  /** Steps of indirect relations, and rows that are looked at on the way. Spec: client-server-api, recurse. */
  depthMax: 3,
  recursedMax: 1_000,
  /** Edits looked at until one is valid. */
  editsMax: 10,
  /** References told with an event. */
  referencesMax: 100,
  /** Rows of a page that are looked at for one that may be shown. */
  scannedMax: 1_000,
} as const
