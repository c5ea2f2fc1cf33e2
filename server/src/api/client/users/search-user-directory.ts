/** Finds users whom the caller may know. Spec: client-server-api#post_matrixclientv3user_directorysearch. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const searchUserDirectory = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/user_directory/search',
    auth: 'user',
    limit: 'default',
    body: Type.Object({ search_term: Type.String(), limit: Type.Optional(Type.Integer({ minimum: 0 })) }),
    spec: 'client-server#post_matrixclientv3user_directorysearch',
  },
  async ({ search }, { caller, body }) => search.findUsers(caller, body),
)
