/** Which server calls. Spec: server-server-api#request-authentication. While federation is off, no such path exists. */

import { MatrixError } from '../base/index.ts'

/** Refuses the calls of other servers, as for a path that is not there. */
export function refuseServers(): never {
  throw new MatrixError('M_UNRECOGNIZED', 'Federation is switched off on this server.')
}
