/**
 * Memberships of our users in rooms that this server is not in: invites and knocks, shown with the state that came with
 * them, and their end. Spec: client-server-api#stripped-state.
 */

import { type JsonObject, stateKeyOf, type UserId } from '@parallax/protocol'
import { insertEvent, listEventsById, splitEventText } from '../event-table.ts'
import { upsertMember } from '../member-table.ts'
import type { MemberRow, Membership, StoredEvent } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'
import type { OutlierRoom, OutsideMember } from './arriving.ts'
import { upsertOutside } from './received-table.ts'

/** Sets the user's membership; the event gets no place in the graph. Repeats change nothing. */
export function receiveOutside(deps: TurnDeps, where: OutlierRoom, { event, state }: OutsideMember): Promise<void> {
  return deps.queue.run(where.room, async () => {
    const [known] = await listEventsById(deps.reader, [event.eventId])
    const userId = event.stateKey as UserId
    const texts = [event.type, event.sender, userId, stateKeyOf(event.type, userId)]
    const [type, sender, user, slot] = (await deps.names.intern(texts)) as [number, number, number, number]
    const membership = event.content.membership as Membership
    // Its end is told as an event; a beginning is shown by the state that came with it.
    const isShown = membership === 'leave' || membership === 'ban'
    const { room } = where
    if (known !== undefined && (await isSet(deps, { room, user, event: known.event }))) return
    const text = withState(splitEventText(event), membership, state)
    await deps.store.transact((tx) => {
      const number = known?.event ?? deps.journal.takeNumber()
      const stored: StoredEvent = {
        ...{ event: number, eventId: event.eventId, room, stream: isShown ? number : null, type, sender, slot },
        ...{ depth: event.depth, ts: event.originServerTs, outcome: isShown ? 0 : 3, snapshot: 0 },
        ...{ replaces: null, redactedBy: null, ...text },
      }
      if (known === undefined) insertEvent(tx, stored)
      const position = deps.journal.append(tx, { kind: 'membership', room, user, event: number, membership })
      const member: MemberRow = { room, user, membership, event: number, position, forgotten: false }
      upsertMember(tx, member)
      upsertOutside(tx, room, where.rules.version)
      tx.onCommitted(() => deps.memory.onCommitted(room, [], [], [member]))
    })
  })
}

async function isSet({ memory }: TurnDeps, { room, user, event }: { room: number; user: number; event: number }) {
  return (await memory.listMemberships(user)).get(room)?.event === event
}

/** The state is kept where other servers put it, for whoever shows it. */
function withState(text: { body: string; rest: string }, membership: Membership, state: readonly JsonObject[]) {
  if (state.length === 0) return text
  const field = membership === 'knock' ? 'knock_room_state' : 'invite_room_state'
  return { ...text, rest: `${text.rest},"unsigned":${JSON.stringify({ [field]: state })}` }
}
