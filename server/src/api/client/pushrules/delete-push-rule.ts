/** Removes a push rule of the user’s own. Spec: client-server-api#delete_matrixclientv3pushrulesglobalkindruleid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { ruleKindSchema } from '../account-schemas.ts'

export const deletePushRule = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ kind: ruleKindSchema, ruleId: Type.String() }),
    spec: 'client-server#delete_matrixclientv3pushrulesglobalkindruleid',
  },
  async ({ users }, { caller, params }) => {
    await users.removePushRule(caller.user, params.kind, params.ruleId)
    return {}
  },
)
