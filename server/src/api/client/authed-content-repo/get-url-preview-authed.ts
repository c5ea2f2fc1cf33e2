/** What a page says of itself. Spec: client-server-api#get_matrixclientv1mediapreview_url. */

import { endpoint } from '../../../http/index.ts'
import { previewQuery } from '../media-schemas.ts'

export const getUrlPreviewAuthed = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/media/preview_url',
    auth: 'user',
    limit: 'media',
    query: previewQuery,
    spec: 'client-server#get_matrixclientv1mediapreview_url',
  },
  ({ media }, { caller, query }) => media.preview(caller, query.url),
)
