/** The largest file. Spec: client-server-api#get_matrixclientv1mediaconfig. */

import { endpoint } from '../../../http/index.ts'

export const getConfigAuthed = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/media/config',
    auth: 'user-or-guest',
    limit: 'default',
    spec: 'client-server#get_matrixclientv1mediaconfig',
  },
  ({ media }) => ({ 'm.upload.size': media.uploadBytesMax }),
)
