/** Enables or disables a push rule. Spec: client-server-api#put_matrixclientv3pushrulesglobalkindruleidenabled. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { ruleKindSchema } from '../account-schemas.ts'

export const setPushRuleEnabled = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ kind: ruleKindSchema, ruleId: Type.String() }),
    body: Type.Object({ enabled: Type.Boolean() }),
    spec: 'client-server#put_matrixclientv3pushrulesglobalkindruleidenabled',
  },
  async ({ users }, { caller, params, body }) => {
    await users.changePushRule(caller.user, params.kind, params.ruleId, { enabled: body.enabled })
    return {}
  },
)
