/** An event of a user of ours that is not added yet, because another server must sign it first. */

import { type RoomEvent, serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { decide, keysToDecide } from '../decide.ts'
import { findPolicyOf, vouchFor } from '../policy.ts'
import { refusalOf } from '../refusal.ts'
import type { EventDraft } from '../rooms.ts'
import { newEventId, notInRoom, startOf, type TurnDeps } from '../run-turn.ts'

/** The event as it would be added now. Throws MatrixError as `send` does, M_UNKNOWN if the state says so already. */
export async function buildUnsent(
  deps: TurnDeps,
  room: number | undefined,
  sender: UserId,
  draft: EventDraft,
): Promise<RoomEvent> {
  const head = room === undefined ? undefined : await deps.heads.find(room)
  const signer = deps.findSigner(serverNameOf(sender))
  if (head === undefined || signer === undefined) throw notInRoom(sender)
  const cells = await deps.heads.loadCells(head, keysToDecide(head.rules, sender, draft))
  const { findSigner } = deps
  const context = { cells, targets: new Map(), nowMs: deps.clock.nowMs(), newEventId, findSigner }
  const start = await startOf(deps, head)
  try {
    const decision = decide(context, start, { sender, draft, signer })
    if (decision.kind === 'accepted') {
      const server = await findPolicyOf(deps, head)
      return await vouchFor(deps.requestPolicySignature, head.rules, server, decision.accepted.event)
    }
  } catch (error) {
    throw refusalOf(error) ?? error
  }
  throw new MatrixError('M_UNKNOWN', 'The state says so already.')
}
