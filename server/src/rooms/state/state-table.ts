/** Rows of state trees, snapshots and the history of heads. */

import { anyOf, type Reader, type Writer } from '../../store/index.ts'
import type { NodeHash } from './tree-node.ts'

/** Bytes of the nodes that exist, by hash. */
export async function listNodes(
  reader: Reader,
  hashes: readonly NodeHash[],
): Promise<{ hash: string; body: Uint8Array }[]> {
  return reader.all`SELECT hash, body FROM state_node WHERE hash IN ${anyOf(hashes)}`
}

/** Equal nodes are stored once. */
export function insertNode(tx: Writer, hash: NodeHash, body: Uint8Array): void {
  tx.run`INSERT INTO state_node (hash, body) VALUES (${hash}, ${body}) ON CONFLICT (hash) DO NOTHING`
}

/** The root of a snapshot. */
export async function findRoot(reader: Reader, snapshot: number): Promise<NodeHash | undefined> {
  const row = await reader.first<{ root: string }>`SELECT root FROM snapshot WHERE snapshot = ${snapshot}`
  return row?.root
}

export function insertSnapshot(tx: Writer, snapshot: number, root: NodeHash): void {
  tx.run`INSERT INTO snapshot (snapshot, root) VALUES (${snapshot}, ${root})`
}

/** The largest snapshot number in use, 0 if none. */
export async function findLastSnapshot(reader: Reader): Promise<number> {
  const row = await reader.first<{ last: number | null }>`SELECT MAX(snapshot) AS last FROM snapshot`
  return row?.last ?? 0
}

/** From `position` on the room's current state is `snapshot`. */
export function insertHeadHistory(tx: Writer, room: number, position: number, snapshot: number): void {
  tx.run`INSERT INTO head_history (room, position, snapshot) VALUES (${room}, ${position}, ${snapshot})`
}

/** The room's state after every event up to and including `position`. */
export async function findHeadAt(reader: Reader, room: number, position: number): Promise<number | undefined> {
  const row = await reader.first<{ snapshot: number }>`
    SELECT snapshot FROM head_history WHERE room = ${room} AND position <= ${position} ORDER BY position DESC LIMIT 1`
  return row?.snapshot
}

/** The room's states from a position on, with the positions where each begins. */
export async function listHeadsFrom(
  reader: Reader,
  room: number,
  position: number,
): Promise<{ position: number; snapshot: number }[]> {
  return reader.all`
    SELECT position, snapshot FROM head_history WHERE room = ${room} AND position >= ${position} ORDER BY position`
}

export function updateHeadHistory(tx: Writer, room: number, position: number, snapshot: number): void {
  tx.run`UPDATE head_history SET snapshot = ${snapshot} WHERE room = ${room} AND position = ${position}`
}
