/**
 * Our signing keys, in the very form that is signed: some verify the text as it comes.
 * Spec: server-server-api#get_matrixkeyv2server.
 */

import { canonicalJson } from '@parallax/protocol'
import { endpoint, jsonText } from '../../../http/index.ts'

export const getServerKey = endpoint(
  {
    method: 'GET',
    path: '/_matrix/key/v2/server',
    auth: 'any-server',
    limit: 'federation',
    spec: 'server-server#get_matrixkeyv2server',
    aliases: ['/_matrix/key/v2/server/{keyId}'],
  },
  ({ remote }, { headers }) => jsonText(canonicalJson(remote.notary.ownDocument(String(headers.host ?? '')))),
)
