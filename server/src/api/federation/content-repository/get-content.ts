/** A file of ours. Spec: server-server-api#get_matrixfederationv1mediadownloadmediaid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { fileParams, waitQuery } from '../../client/media-schemas.ts'
import { multipartReply, ownFileWish } from '../multipart-reply.ts'

export const getContent = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/media/download/{mediaId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ mediaId: fileParams.properties.mediaId }),
    query: waitQuery,
    spec: 'server-server#get_matrixfederationv1mediadownloadmediaid',
  },
  ({ media }, call) => multipartReply(media.download(ownFileWish(call))),
)
