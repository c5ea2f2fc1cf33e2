/** Whom to ask for help. Spec: client-server-api#getwell-knownmatrixsupport. */

import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const getWellKnownSupport = endpoint(
  {
    method: 'GET',
    path: '/.well-known/matrix/support',
    auth: 'none',
    limit: 'none',
    spec: 'client-server#getwell-knownmatrixsupport',
  },
  ({ config }) => {
    const { contacts, page } = config.support
    if (contacts.length === 0 && page === undefined) throw new MatrixError('M_NOT_FOUND', 'No contact is given.')
    return { ...(contacts.length > 0 ? { contacts } : {}), ...(page === undefined ? {} : { support_page: page }) }
  },
)
