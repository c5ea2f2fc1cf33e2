/** Uploads a file to a name reserved before. Spec: client-server-api#put_matrixmediav3uploadservernamemediaid. */

import { endpoint } from '../../../http/index.ts'
import { fileNameOf, fileParams, uploadQuery } from '../media-schemas.ts'

export const uploadContentToMxc = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/media/v3/upload/{serverName}/{mediaId}',
    auth: 'user',
    limit: 'media',
    isRefusedToSuspended: true,
    isFile: true,
    params: fileParams,
    query: uploadQuery,
    spec: 'client-server#put_matrixmediav3uploadservernamemediaid',
  },
  ({ media }, call) => media.fill(call.caller, call.params, fileNameOf(call), call.incoming),
)
