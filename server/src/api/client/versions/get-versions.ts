/** Which versions of the specification this server speaks. Spec: client-server-api#get_matrixclientversions. */

import { endpoint } from '../../../http/index.ts'

/** Only what is true: a version joins the list when all is there that a server must do. See docs/conformance.md. */
const minors = Array.from({ length: 19 }, (_, index) => index + 1)
const versions = minors.map((minor) => `v1.${minor}`)

/** What clients use before it is in the specification. */
const unstableFeatures = {
  'org.matrix.simplified_msc3575': true,
  'org.matrix.msc4155': true,
  'org.matrix.msc4306': true,
}

export const getVersions = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/versions',
    auth: 'none',
    limit: 'none',
    spec: 'client-server#get_matrixclientversions',
  },
  () => ({ versions, unstable_features: unstableFeatures }),
)
