/**
 * Sends a letter that allows a new password.
 * Spec: client-server-api#post_matrixclientv3accountpasswordemailrequesttoken.
 */

import { endpoint } from '../../../http/index.ts'
import { emailRequest, emailRequestSchema } from '../administrative-contact/validation-request.ts'

export const requestTokenToResetPasswordEmail = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/password/email/requestToken',
    auth: 'none',
    limit: 'register',
    body: emailRequestSchema,
    spec: 'client-server#post_matrixclientv3accountpasswordemailrequesttoken',
  },
  ({ users }, { body }) => users.requestEmailToken('password', emailRequest(body)),
)
