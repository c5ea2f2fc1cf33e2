/** Which followed feeds are derived from which others, as far as those are followed for them. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'
import { reputationLimits } from './limits.ts'

/** `source` is derived from `parent`. */
export type ParentLink = { readonly source: number; readonly parent: number }

/** The links that lead away from some sources, as many steps as may count. */
export async function listLinksFrom(reader: Reader, sources: readonly number[]): Promise<ParentLink[]> {
  const found: ParentLink[] = []
  const seen = new Set(sources)
  let edge: readonly number[] = sources
  for (let step = 0; step < reputationLimits.parentStepsMax && edge.length > 0; step++) {
    const links = await reader.all<ParentLink>`
      SELECT source, parent FROM reputation_parent WHERE source IN ${anyOf(edge)} ORDER BY source, parent`
    found.push(...links)
    edge = [...new Set(links.map(({ parent }) => parent))].filter((parent) => !seen.has(parent))
    for (const parent of edge) seen.add(parent)
  }
  return found
}

/** A source and all that are derived from it, as many steps as may count. */
export async function listDerived(reader: Reader, source: number): Promise<number[]> {
  const seen = new Set([source])
  let edge: readonly number[] = [source]
  for (let step = 0; step < reputationLimits.parentStepsMax && edge.length > 0; step++) {
    const links = await reader.all<ParentLink>`
      SELECT source, parent FROM reputation_parent WHERE parent IN ${anyOf(edge)} ORDER BY source, parent`
    edge = [...new Set(links.map((link) => link.source))].filter((one) => !seen.has(one))
    for (const one of edge) seen.add(one)
  }
  return [...seen]
}

export async function listLinks(reader: Reader): Promise<ParentLink[]> {
  return reader.all<ParentLink>`SELECT source, parent FROM reputation_parent ORDER BY source, parent`
}

/** Those of some sources that somebody follows. */
export async function listFollowed(reader: Reader, sources: readonly number[]): Promise<number[]> {
  const rows = await reader.all<{ source: number }>`
    SELECT DISTINCT source FROM reputation_subscription WHERE source IN ${anyOf(sources)} ORDER BY source`
  return rows.map(({ source }) => source)
}

export function insertLink(tx: Writer, { source, parent }: ParentLink): void {
  tx.run`
    INSERT INTO reputation_parent (source, parent) VALUES (${source}, ${parent})
    ON CONFLICT (source, parent) DO NOTHING`
}

/** All links of a source but those to some parents. */
export function keepLinks(tx: Writer, source: number, parents: readonly number[]): void {
  tx.run`DELETE FROM reputation_parent WHERE source = ${source} AND NOT (parent IN ${anyOf(parents)})`
}

/** Forgets sources that nobody follows, and what they say and are derived from. */
export function removeUnreached(tx: Writer, sources: readonly number[]): void {
  tx.run`DELETE FROM reputation_parent WHERE source IN ${anyOf(sources)}`
  tx.run`
    DELETE FROM reputation_source WHERE source IN ${anyOf(sources)} AND NOT EXISTS (
      SELECT 1 FROM reputation_subscription WHERE reputation_subscription.source = reputation_source.source)`
  tx.run`
    DELETE FROM reputation_said WHERE source IN ${anyOf(sources)} AND NOT EXISTS (
      SELECT 1 FROM reputation_source WHERE reputation_source.source = reputation_said.source)`
}
