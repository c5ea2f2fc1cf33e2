/** Whether a push rule is enabled. Spec: client-server-api#get_matrixclientv3pushrulesglobalkindruleidenabled. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { ruleKindSchema } from '../account-schemas.ts'

export const isPushRuleEnabled = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ kind: ruleKindSchema, ruleId: Type.String() }),
    spec: 'client-server#get_matrixclientv3pushrulesglobalkindruleidenabled',
  },
  async ({ accounts }, { caller, params }) => {
    const { enabled } = await accounts.requirePushRule(caller, params.kind, params.ruleId)
    return { enabled }
  },
)
