/** A file, at the old path. Spec: client-server-api#get_matrixmediav3downloadservernamemediaid. */

import { endpoint } from '../../../http/index.ts'
import { answerFile, fileParams, oldFileQuery, oldFileWishOf } from '../media-schemas.ts'

export const getContent = endpoint(
  {
    method: 'GET',
    path: '/_matrix/media/v3/download/{serverName}/{mediaId}',
    auth: 'none',
    limit: 'media',
    params: fileParams,
    query: oldFileQuery,
    spec: 'client-server#get_matrixmediav3downloadservernamemediaid',
  },
  ({ media }, call) => answerFile(media.download(oldFileWishOf(call))),
)
