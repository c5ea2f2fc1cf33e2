/** Shows the button behind the link of a letter. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { confirmPage, orRefused } from './confirm-page.ts'

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
  ({ users, domains }, { query }) =>
    orRefused(async () => {
      const { sid, client_secret: clientSecret, token } = query
      const purpose = await users.requireEmailPurpose({ sid, clientSecret }, token)
      return confirmPage(query, purpose, domains.first)
    }),
)
