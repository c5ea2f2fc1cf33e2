/** What a page says of itself. Spec: client-server-api#get_matrixmediav3preview_url. */

import { endpoint } from '../../../http/index.ts'
import { previewQuery } from '../media-schemas.ts'

export const getUrlPreview = endpoint(
  {
    method: 'GET',
    path: '/_matrix/media/v3/preview_url',
    auth: 'user',
    limit: 'media',
    query: previewQuery,
    spec: 'client-server#get_matrixmediav3preview_url',
  },
  ({ media }, { caller, query }) => media.preview(caller, query.url),
)
