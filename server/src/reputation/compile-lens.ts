/**
 * A lens as its owner wrote it, made ready for evaluating: with the feeds that are there, those behind them, and their
 * patterns.
 */

import { type EntityKind, isDeclared, type Lens, parseEntity, trustLevels, walkSources } from '@parallax/reputation'
import type { Reader } from '../store/index.ts'
import { listFeedsOf } from './feed-table.ts'
import { type Followed, nameOfSource } from './hear.ts'
import { reputationLimits } from './limits.ts'
import { listLinksFrom } from './parent-table.ts'
import { compilePatterns } from './patterns.ts'
import type { WrittenLens } from './reputation.ts'
import { isCostly } from './sealed-names.ts'
import {
  listPatterns,
  listSources,
  listSubscribed,
  mayNameKinds,
  mayNamePictures,
  type SourceRow,
} from './source-table.ts'
import type { Weights } from './weights.ts'

/** The server's own lens is that of a user who is none; those of rooms have numbers below. */
export const SERVER = 0

/** Before the hash of a picture, in its key. */
export const PICTURE = 'media\0pdq:'

export type CompiledLens = Followed & {
  /** Of the sources, those that the lens itself names. */
  readonly direct: readonly SourceRow[]
  readonly lens: Lens
  /** What its feeds show of one another: see `Weights`. */
  readonly weights: Weights
  /** By the feed's name in the lens. */
  readonly names: ReadonlyMap<string, string>
  /** Whether anything may be said of single messages and of rooms: if not, nobody needs to look. */
  readonly namesEvents: boolean
  readonly namesRooms: boolean
  /** Whether pictures are named by how they look. */
  readonly namesPictures: boolean
  /** Own rules on such. */
  readonly pictureRules: readonly string[]
}

/** What is followed no longer counts no longer, whatever the lens says. */
export async function compileLens(
  reader: Reader,
  user: number,
  written: WrittenLens,
  seed: number,
): Promise<Omit<CompiledLens, 'weights'>> {
  const followed = new Set(await listSubscribed(reader, user))
  const wanted = written.subscriptions.map(({ source }) => source).filter((source) => followed.has(source))
  const direct = await listSources(reader, wanted)
  const { sources, ways } = await findWays(reader, user, direct)
  const heard = sources.map(({ source }) => source)
  const rules = written.rules ?? []
  // Nobody can tell what sealed rows name, but in some feeds they never name events.
  const [costly, others] = [sources.filter(isCostly), sources.filter((source) => !isCostly(source))]
  const open = others.map(({ source }) => source)
  const sealed = others.filter(({ manifest }) => manifest.tier !== 'T0')
  const pictureRules = rules.flatMap(({ kind, entity }) => {
    const key = parseEntity(kind as EntityKind, entity)
    return key.startsWith(PICTURE) ? [key.slice(PICTURE.length)] : []
  })
  const isRoomRule = rules.some(({ kind }) => kind === 'room')
  return {
    lens: toLens(written, direct, user),
    ...{ direct, sources, ways },
    patterns: compilePatterns(await listPatterns(reader, heard), seed),
    names: new Map(sources.map(({ source, manifest }) => [nameOfSource(source), manifest.name])),
    namesEvents: rules.some(({ kind }) => kind === 'event') || (await mayNameKinds(reader, open, ['event'])),
    namesPictures: pictureRules.length > 0 || sealed.length > 0 || (await mayNamePictures(reader, heard)),
    pictureRules,
    namesRooms: isRoomRule || costly.length > 0 || (await mayNameKinds(reader, open, ['room'])),
  }
}

/** The feeds that a lens hears, and the ways to them; what comes back of the user's own feeds is an echo. */
async function findWays(
  reader: Reader,
  user: number,
  direct: readonly SourceRow[],
): Promise<Pick<Followed, 'sources' | 'ways'>> {
  const links = await listLinksFrom(
    reader,
    direct.map(({ source }) => source),
  )
  if (links.length === 0) return { sources: direct, ways: new Map() }
  const own = new Set((await listFeedsOf(reader, user)).map(({ feed }) => feed))
  const known = new Set(direct.map(({ source }) => source))
  const others = links.map(({ parent }) => parent).filter((parent) => !known.has(parent))
  const sources = [...direct, ...(await listSources(reader, [...new Set(others)]))]
  const byName = new Map(sources.map((row) => [nameOfSource(row.source), row]))
  const bySource = Map.groupBy(links, ({ source }) => nameOfSource(source))
  const parentsOf = (name: string) => {
    return (bySource.get(name) ?? []).flatMap(({ parent }) => {
      const row = byName.get(nameOfSource(parent))
      const declared = byName.get(name)?.manifest.derived_from.find(({ feed }) => feed === row?.manifest.feed)
      if (row === undefined || declared === undefined || own.has(row.manifest.feed)) return []
      return [{ ...declared, feed: nameOfSource(parent) }]
    })
  }
  const found = walkSources([...known].map(nameOfSource), parentsOf, { depthMax: reputationLimits.parentStepsMax })
  return { sources, ways: Map.groupBy(found, ({ path }) => Number(path.at(-1))) }
}

function toLens(
  { subscriptions, rules = [], action_max: actionMax }: WrittenLens,
  sources: readonly SourceRow[],
  user: number,
): Lens {
  const bySource = new Map(sources.map((row) => [row.source, row]))
  const overrides = rules.map(({ kind, entity, value }) => {
    return [parseEntity(kind as EntityKind, entity), value === 'block' ? -1 : 1] as const
  })
  const boundBy = user === SERVER ? 'server' : user < 0 ? 'room' : 'user'
  return {
    subscriptions: subscriptions.flatMap(({ source, trust, mode, operator }) => {
      const row = bySource.get(source)
      if (row === undefined) return []
      const levels = Object.entries(trust).map(([context, level]) => [context, trustLevels[level]])
      return {
        ...{ feed: nameOfSource(source), trust: Object.fromEntries(levels), mode, boundBy },
        isDeclared: isDeclared(row.manifest),
        ...(operator !== undefined && { operator }),
      }
    }),
    overrides: new Map(overrides),
    ...(actionMax !== undefined && { actionMax }),
  }
}
