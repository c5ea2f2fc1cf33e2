/** Sets what a push rule does. Spec: client-server-api#put_matrixclientv3pushrulesglobalkindruleidactions. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { ruleKindSchema } from '../account-schemas.ts'

export const setPushRuleActions = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ kind: ruleKindSchema, ruleId: Type.String() }),
    body: Type.Object({ actions: Type.Array(Type.Unknown()) }),
    spec: 'client-server#put_matrixclientv3pushrulesglobalkindruleidactions',
  },
  async ({ accounts }, { caller, params, body }) => {
    await accounts.setPushActions(caller, params.kind, params.ruleId, body.actions)
    return {}
  },
)
