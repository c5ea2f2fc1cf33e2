/** Which versions of the specification this server speaks. Spec: client-server-api#get_matrixclientversions. */

import { endpoint } from '../../../http/index.ts'

/** Only what is true: a version joins the list when its client-server endpoints that clients rely on are there. */
const versions = ['v1.1', 'v1.2', 'v1.3', 'v1.4', 'v1.5', 'v1.6', 'v1.7', 'v1.8', 'v1.9', 'v1.10', 'v1.11', 'v1.12']

export const getVersions = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/versions',
    auth: 'none',
    limit: 'none',
    spec: 'client-server#get_matrixclientversions',
  },
  () => ({ versions, unstable_features: { 'org.matrix.simplified_msc3575': true, 'org.matrix.msc4306': true } }),
)
