/**
 * Would confirm a telephone number: this server takes none.
 * Spec: client-server-api#post_matrixclientv3registermsisdnrequesttoken.
 */

import { endpoint } from '../../../http/index.ts'
import { msisdnRequestSchema, refuseNumbers } from '../administrative-contact/validation-request.ts'

export const requestTokenToRegisterMsisdn = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/register/msisdn/requestToken',
    auth: 'none',
    limit: 'register',
    body: msisdnRequestSchema,
    spec: 'client-server#post_matrixclientv3registermsisdnrequesttoken',
  },
  () => refuseNumbers(),
)
