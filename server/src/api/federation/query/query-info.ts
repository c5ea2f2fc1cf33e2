/**
 * Questions of other kinds than those that have paths of their own. Spec:
 * server-server-api#get_matrixfederationv1queryquerytype.
 */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const queryInfo = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/query/{queryType}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ queryType: Type.String() }),
    spec: 'server-server#get_matrixfederationv1queryquerytype',
  },
  (_components, { params }) => {
    throw new MatrixError('M_UNRECOGNIZED', `Questions of the kind ${params.queryType.slice(0, 64)} are not known.`)
  },
)
