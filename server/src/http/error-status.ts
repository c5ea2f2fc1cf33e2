/** The one table from error codes to HTTP statuses. Spec: client-server-api#standard-error-response. */

import type { Errcode } from '../base/index.ts'

const statuses: Readonly<Record<string, number>> = {
  M_FORBIDDEN: 403,
  M_UNKNOWN_TOKEN: 401,
  M_MISSING_TOKEN: 401,
  M_UNAUTHORIZED: 401,
  M_USER_LOCKED: 401,
  M_USER_SUSPENDED: 403,
  M_USER_DEACTIVATED: 403,
  M_GUEST_ACCESS_FORBIDDEN: 403,
  M_RESOURCE_LIMIT_EXCEEDED: 403,
  M_USER_LIMIT_EXCEEDED: 403,
  M_CANNOT_LEAVE_SERVER_NOTICE_ROOM: 403,
  M_INVITE_BLOCKED: 403,
  M_SAFETY: 403,
  M_TERMS_NOT_SIGNED: 403,
  M_WRONG_ROOM_KEYS_VERSION: 403,
  M_NOT_FOUND: 404,
  M_UNRECOGNIZED: 404,
  M_ROOM_IN_USE: 400,
  M_TOO_LARGE: 413,
  M_LIMIT_EXCEEDED: 429,
  M_NOT_YET_UPLOADED: 504,
  M_CANNOT_OVERWRITE_MEDIA: 409,
}

/** The status of an error code; 400 for those without one of their own. */
export function statusOf(errcode: Errcode): number {
  return statuses[errcode] ?? 400
}
