/** Adds or replaces a push rule. Spec: client-server-api#put_matrixclientv3pushrulesglobalkindruleid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { pushRuleSchema, ruleKindSchema } from '../account-schemas.ts'

export const setPushRule = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ kind: ruleKindSchema, ruleId: Type.String() }),
    query: Type.Object({ before: Type.Optional(Type.String()), after: Type.Optional(Type.String()) }),
    body: pushRuleSchema,
    spec: 'client-server#put_matrixclientv3pushrulesglobalkindruleid',
  },
  async ({ users }, { caller, params, query, body }) => {
    await users.putPushRule(caller.user, params.kind, params.ruleId, body, query)
    return {}
  },
)
