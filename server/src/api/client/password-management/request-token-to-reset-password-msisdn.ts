/**
 * Would confirm a telephone number: this server takes none.
 * Spec: client-server-api#post_matrixclientv3accountpasswordmsisdnrequesttoken.
 */

import { endpoint } from '../../../http/index.ts'
import { msisdnRequestSchema, refuseNumbers } from '../administrative-contact/validation-request.ts'

export const requestTokenToResetPasswordMsisdn = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/password/msisdn/requestToken',
    auth: 'none',
    limit: 'register',
    body: msisdnRequestSchema,
    spec: 'client-server#post_matrixclientv3accountpasswordmsisdnrequesttoken',
  },
  () => refuseNumbers(),
)
