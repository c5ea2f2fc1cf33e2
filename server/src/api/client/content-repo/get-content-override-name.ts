/**
 * A file under another name, at the old path.
 * Spec: client-server-api#get_matrixmediav3downloadservernamemediaidfilename.
 */

import { endpoint } from '../../../http/index.ts'
import { answerFile, namedFileParams, oldFileQuery, oldFileWishOf } from '../media-schemas.ts'

export const getContentOverrideName = endpoint(
  {
    method: 'GET',
    path: '/_matrix/media/v3/download/{serverName}/{mediaId}/{fileName}',
    auth: 'none',
    limit: 'media',
    params: namedFileParams,
    query: oldFileQuery,
    spec: 'client-server#get_matrixmediav3downloadservernamemediaidfilename',
  },
  ({ media }, call) => answerFile(media.download(oldFileWishOf(call))),
)
