/** One push rule. Spec: client-server-api#get_matrixclientv3pushrulesglobalkindruleid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { anyRuleKindSchema } from '../account-schemas.ts'

export const getPushRule = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ kind: anyRuleKindSchema, ruleId: Type.String() }),
    spec: 'client-server#get_matrixclientv3pushrulesglobalkindruleid',
  },
  async ({ accounts }, { caller, params }) => accounts.requirePushRule(caller, params.kind, params.ruleId),
)
