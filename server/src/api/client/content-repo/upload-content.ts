/** Uploads a file. Spec: client-server-api#post_matrixmediav3upload. */

import { endpoint } from '../../../http/index.ts'
import { fileNameOf, uploadQuery } from '../media-schemas.ts'

export const uploadContent = endpoint(
  {
    method: 'POST',
    path: '/_matrix/media/v3/upload',
    auth: 'user',
    limit: 'media',
    isRefusedToSuspended: true,
    isFile: true,
    query: uploadQuery,
    spec: 'client-server#post_matrixmediav3upload',
  },
  ({ media }, call) => media.upload(call.caller, fileNameOf(call), call.incoming),
)
