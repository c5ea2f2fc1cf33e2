/** The largest file. Spec: client-server-api#get_matrixmediav3config. */

import { endpoint } from '../../../http/index.ts'

export const getConfig = endpoint(
  {
    method: 'GET',
    path: '/_matrix/media/v3/config',
    auth: 'user-or-guest',
    limit: 'default',
    spec: 'client-server#get_matrixmediav3config',
  },
  ({ media }) => ({ 'm.upload.size': media.uploadBytesMax }),
)
