/**
 * Sends a letter that confirms an address for an account.
 * Spec: client-server-api#post_matrixclientv3account3pidemailrequesttoken.
 */

import { endpoint } from '../../../http/index.ts'
import { emailRequest, emailRequestSchema } from './validation-request.ts'

export const requestTokenTo3PidEmail = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/3pid/email/requestToken',
    auth: 'none',
    limit: 'register',
    body: emailRequestSchema,
    spec: 'client-server#post_matrixclientv3account3pidemailrequesttoken',
  },
  ({ users }, { body }) => users.requestEmailToken('add', emailRequest(body)),
)
