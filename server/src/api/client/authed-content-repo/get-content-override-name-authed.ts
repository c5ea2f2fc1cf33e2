/** A file under another name. Spec: client-server-api#get_matrixclientv1mediadownloadservernamemediaidfilename. */

import { endpoint } from '../../../http/index.ts'
import { answerFile, fileWishOf, namedFileParams, waitQuery } from '../media-schemas.ts'

export const getContentOverrideNameAuthed = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/media/download/{serverName}/{mediaId}/{fileName}',
    auth: 'user-or-guest',
    limit: 'media',
    params: namedFileParams,
    query: waitQuery,
    spec: 'client-server#get_matrixclientv1mediadownloadservernamemediaidfilename',
  },
  ({ media }, call) => answerFile(media.download({ ...fileWishOf(call), reader: call.caller.user })),
)
