/** A picture made smaller. Spec: client-server-api#get_matrixclientv1mediathumbnailservernamemediaid. */

import { endpoint } from '../../../http/index.ts'
import { answerFile, fileParams, fileWishOf, thumbnailQuery, thumbnailWishOf } from '../media-schemas.ts'

export const getContentThumbnailAuthed = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}',
    auth: 'user-or-guest',
    limit: 'media',
    params: fileParams,
    query: thumbnailQuery,
    spec: 'client-server#get_matrixclientv1mediathumbnailservernamemediaid',
  },
  ({ media }, call) =>
    answerFile(media.thumbnail({ ...fileWishOf(call), reader: call.caller.user }, thumbnailWishOf(call.query))),
)
