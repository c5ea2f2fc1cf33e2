/** A picture made smaller, at the old path. Spec: client-server-api#get_matrixmediav3thumbnailservernamemediaid. */

import { endpoint } from '../../../http/index.ts'
import { answerFile, fileParams, oldFileWishOf, oldThumbnailQuery, thumbnailWishOf } from '../media-schemas.ts'

export const getContentThumbnail = endpoint(
  {
    method: 'GET',
    path: '/_matrix/media/v3/thumbnail/{serverName}/{mediaId}',
    auth: 'none',
    limit: 'media',
    params: fileParams,
    query: oldThumbnailQuery,
    spec: 'client-server#get_matrixmediav3thumbnailservernamemediaid',
  },
  ({ media }, call) => answerFile(media.thumbnail(oldFileWishOf(call), thumbnailWishOf(call.query))),
)
