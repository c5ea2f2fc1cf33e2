/**
 * Would confirm a telephone number: this server takes none.
 * Spec: client-server-api#post_matrixclientv3account3pidmsisdnrequesttoken.
 */

import { endpoint } from '../../../http/index.ts'
import { msisdnRequestSchema, refuseNumbers } from './validation-request.ts'

export const requestTokenTo3PidMsisdn = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/3pid/msisdn/requestToken',
    auth: 'none',
    limit: 'register',
    body: msisdnRequestSchema,
    spec: 'client-server#post_matrixclientv3account3pidmsisdnrequesttoken',
  },
  () => refuseNumbers(),
)
