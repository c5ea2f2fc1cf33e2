/** Where an alias leads. Spec: server-server-api#get_matrixfederationv1querydirectory. */

import {
  isServerName,
  ProtocolError,
  parseRoomId,
  type RoomAlias,
  type RoomId,
  type ServerName,
} from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'
import { requireObject, requireText, requireTexts } from './reply.ts'

export type AliasTarget = { readonly roomId: RoomId; readonly servers: readonly ServerName[] }

export async function queryDirectory(
  requests: SignedRequests,
  parties: Parties,
  alias: RoomAlias,
): Promise<AliasTarget> {
  const path = pathOf`/_matrix/federation/v1/query/directory` + queryOf({ room_alias: alias })
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'query' }), 'directory')
  const servers = requireTexts(reply, 'servers', callLimits.serversMax).filter(isServerName)
  try {
    return { roomId: parseRoomId(requireText(reply, 'room_id')), servers }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new RemoteError('bad-reply', `an alias leads to no room ID: ${error.message}`)
  }
}
