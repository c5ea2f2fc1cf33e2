/** Shows the button behind the link of a letter. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { confirmPage } from './confirm-page.ts'

export const showConfirm = endpoint(
  {
    method: 'GET',
    path: '/_parallax/email',
    auth: 'none',
    limit: 'login',
    query: Type.Object({
      sid: Type.String({ maxLength: 255 }),
      client_secret: Type.String({ maxLength: 255 }),
      token: Type.String({ maxLength: 255 }),
    }),
    spec: 'parallax#email',
  },
  ({ domains }, { query }) => confirmPage(query, domains.first),
)
