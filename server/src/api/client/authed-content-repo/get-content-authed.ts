/** A file. Spec: client-server-api#get_matrixclientv1mediadownloadservernamemediaid. */

import { endpoint } from '../../../http/index.ts'
import { answerFile, fileParams, fileWishOf, waitQuery } from '../media-schemas.ts'

export const getContentAuthed = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/media/download/{serverName}/{mediaId}',
    auth: 'user-or-guest',
    limit: 'media',
    params: fileParams,
    query: waitQuery,
    spec: 'client-server#get_matrixclientv1mediadownloadservernamemediaid',
  },
  ({ media }, call) => answerFile(media.download({ ...fileWishOf(call), reader: call.caller.user })),
)
