/** What the viewpoint page consists of. Spec: parallax#viewpoint-page. */

import { Type } from 'typebox'
import { endpoint, pageReply } from '../../http/index.ts'
import { lensFiles } from './lens-files.ts'

export const showLensFile = endpoint(
  {
    method: 'GET',
    path: '/_parallax/lens/{file}',
    auth: 'none',
    limit: 'default',
    params: Type.Object({ file: Type.String({ pattern: '^[a-z]+\\.(html|css|js)$' }) }),
    spec: 'parallax#viewpoint-page',
  },
  (_components, { params }) => pageReply('lens', params.file, lensFiles),
)
