/** Shows the form for the first account. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { setupPage } from './setup-page.ts'

export const showSetup = endpoint(
  {
    method: 'GET',
    path: '/_parallax/setup',
    auth: 'none',
    limit: 'login',
    query: Type.Object({ token: Type.String({ maxLength: 255 }) }),
    spec: 'parallax#setup',
  },
  ({ domains }, { query }) => setupPage({ token: query.token, serverName: domains.first }),
)
