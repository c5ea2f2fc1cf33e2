/** Rows of the auth-chain index. */

import { anyOf, type Reader, type Writer } from '../../store/index.ts'
import type { Link, Place } from './places.ts'

export type PlacedEvent = Place & { readonly event: number }

type LinkRow = { chain: number; sequence: number; to_chain: number; to_sequence: number }

export function insertPlace(tx: Writer, event: number, place: Place): void {
  tx.run`INSERT INTO auth_place (event, chain, sequence) VALUES (${event}, ${place.chain}, ${place.sequence})`
}

export function insertLink(tx: Writer, link: Link): void {
  tx.run`
    INSERT INTO auth_link (chain, sequence, to_chain, to_sequence)
    VALUES (${link.chain}, ${link.sequence}, ${link.toChain}, ${link.toSequence})`
}

export async function listPlaces(reader: Reader, events: readonly number[]): Promise<PlacedEvent[]> {
  return reader.all`SELECT event, chain, sequence FROM auth_place WHERE event IN ${anyOf(events)}`
}

/** The last sequence of each of these chains. */
export async function listLasts(reader: Reader, chains: readonly number[]): Promise<Map<number, number>> {
  const rows = await reader.all<{ chain: number; last: number }>`
    SELECT chain, MAX(sequence) AS last FROM auth_place WHERE chain IN ${anyOf(chains)} GROUP BY chain`
  return new Map(rows.map((row) => [row.chain, row.last]))
}

/** All links that leave these chains. */
export async function listLinks(reader: Reader, chains: readonly number[]): Promise<Link[]> {
  const rows = await reader.all<LinkRow>`
    SELECT chain, sequence, to_chain, to_sequence FROM auth_link WHERE chain IN ${anyOf(chains)}`
  return rows.map((row) => ({
    chain: row.chain,
    sequence: row.sequence,
    toChain: row.to_chain,
    toSequence: row.to_sequence,
  }))
}

/** All events on these chains. */
export async function listOfChains(reader: Reader, chains: readonly number[]): Promise<PlacedEvent[]> {
  return reader.all`SELECT event, chain, sequence FROM auth_place WHERE chain IN ${anyOf(chains)}`
}

/** Events of a part of a chain. */
export async function listOfChain(reader: Reader, chain: number, after: number, upTo: number): Promise<number[]> {
  const rows = await reader.all<{ event: number }>`
    SELECT event FROM auth_place WHERE chain = ${chain} AND sequence > ${after} AND sequence <= ${upTo}`
  return rows.map((row) => row.event)
}
