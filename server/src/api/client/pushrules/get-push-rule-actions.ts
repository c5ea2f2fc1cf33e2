/** What a push rule does. Spec: client-server-api#get_matrixclientv3pushrulesglobalkindruleidactions. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { ruleKindSchema } from '../account-schemas.ts'

export const getPushRuleActions = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ kind: ruleKindSchema, ruleId: Type.String() }),
    spec: 'client-server#get_matrixclientv3pushrulesglobalkindruleidactions',
  },
  async ({ accounts }, { caller, params }) => {
    const { actions } = await accounts.requirePushRule(caller, params.kind, params.ruleId)
    return { actions }
  },
)
