/** The viewpoint page: what a lens does, why, and how to change it. Spec: parallax#viewpoint-page. */

import { endpoint, pageReply } from '../../http/index.ts'
import { lensFiles } from './lens-files.ts'

export const showLens = endpoint(
  {
    method: 'GET',
    path: '/_parallax/lens',
    aliases: ['/_parallax/lens/'],
    auth: 'none',
    limit: 'default',
    spec: 'parallax#viewpoint-page',
  },
  () => pageReply('lens', 'index.html', lensFiles),
)
