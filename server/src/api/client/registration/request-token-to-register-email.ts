/**
 * Sends a letter that confirms an address for a new account.
 * Spec: client-server-api#post_matrixclientv3registeremailrequesttoken.
 */

import { endpoint } from '../../../http/index.ts'
import { emailRequest, emailRequestSchema } from '../administrative-contact/validation-request.ts'

export const requestTokenToRegisterEmail = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/register/email/requestToken',
    auth: 'none',
    limit: 'register',
    body: emailRequestSchema,
    spec: 'client-server#post_matrixclientv3registeremailrequesttoken',
  },
  ({ users }, { body }) => users.requestEmailToken('register', emailRequest(body)),
)
