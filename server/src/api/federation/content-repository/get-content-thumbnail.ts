/** A picture of ours, made smaller. Spec: server-server-api#get_matrixfederationv1mediathumbnailmediaid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { fileParams, thumbnailQuery, thumbnailWishOf } from '../../client/media-schemas.ts'
import { multipartReply, ownFileWish } from '../multipart-reply.ts'

export const getContentThumbnail = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/media/thumbnail/{mediaId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ mediaId: fileParams.properties.mediaId }),
    query: thumbnailQuery,
    spec: 'server-server#get_matrixfederationv1mediathumbnailmediaid',
  },
  ({ media }, call) => multipartReply(media.thumbnail(ownFileWish(call), thumbnailWishOf(call.query))),
)
