/**
 * What lenses keep back at edges other than messages: files, rooms in directories and spaces, addresses and pages. The
 * server's lens keeps it from all, a reader's own from that reader; neither adds anything anywhere.
 */

import { type Action, type EntityKey, type EntityKind, parseEntity, ReputationError } from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { SERVER } from './compile-lens.ts'
import { reputationLimits } from './limits.ts'
import type { Edges, NamedThing, Sights, Verdict } from './reputation.ts'

type By = 'server' | 'reader'

export function createEdges({ openLook }: Pick<Sights, 'openLook'>): Edges {
  async function judge(by: By, user: number, things: readonly NamedThing[]): Promise<Verdict | undefined> {
    const look = await openLook(user)
    if (look === undefined) return undefined
    const keys = [...new Set(things.flatMap(({ kind, id }) => keysOf(kind, id)))]
    // A blend refuses none but users and servers, so of these the server asks for more than of other things.
    const [parties, others] = [keys.filter(isParty), keys.filter((key) => !isParty(key))]
    const onParties = await look.judgeEntities(parties)
    if (onParties !== undefined && isKept(onParties.action, by === 'server')) return onParties
    const onOthers = await look.judgeEntities(others)
    return onOthers !== undefined && isKept(onOthers.action, false) ? onOthers : undefined
  }

  async function find(things: readonly NamedThing[], reader: number | undefined) {
    const ours = await judge('server', SERVER, things)
    if (ours !== undefined) return { by: 'server', verdict: ours } as const
    const theirs = reader === undefined ? undefined : await judge('reader', reader, things)
    return theirs && ({ by: 'reader', verdict: theirs } as const)
  }

  return {
    isKeptBack: async (things, reader) => (await find(things, reader)) !== undefined,
    async requireSafeThings(things, reader) {
      const found = await find(things, reader)
      if (found !== undefined) throw refusalOf(found.by, found.verdict)
    },
    async comparesPictures(reader) {
      if ((await openLook(SERVER))?.namesPictures) return true
      return reader !== undefined && ((await openLook(reader))?.namesPictures ?? false)
    },
  }
}

function isParty(key: EntityKey): boolean {
  return key.startsWith('user\0') || key.startsWith('server\0')
}

function isKept(action: Action, isOnlyRefusal: boolean): boolean {
  return action === 'refuse' || (action === 'hide' && !isOnlyRefusal)
}

/** Of a severe context nothing is told but that it is so; what a reader's own lens did they can ask about. */
function refusalOf(by: By, { class: name, context, explanationId }: Verdict): MatrixError {
  const harms = name === 'severe' ? {} : { harms: [context] }
  if (by === 'server') {
    return new MatrixError('M_SAFETY', 'The rules of this server refuse this. Its admins can tell why.', harms)
  }
  const own = { 'org.parallax.reputation': { action: 'hide', explanation_id: explanationId } }
  return new MatrixError('M_SAFETY', 'Your lens keeps this back. You can ask why, or allow it.', { ...harms, ...own })
}

/** With the domains above a domain, and that of a page; nothing for what no feed can name. */
function keysOf(kind: EntityKind, id: string): EntityKey[] {
  if (kind === 'domain') return domainsAbove(id).flatMap((domain) => keyOf('domain', domain))
  const url = kind === 'url' ? URL.parse(id) : null
  return [...keyOf(kind, id), ...(url === null ? [] : keysOf('domain', url.hostname))]
}

function keyOf(kind: EntityKind, id: string): EntityKey[] {
  try {
    return [parseEntity(kind, id)]
  } catch (error) {
    if (error instanceof ReputationError) return []
    throw error
  }
}

/** `mail.shop.example` → itself and `shop.example`: whoever lists a domain means all below it. */
function domainsAbove(domain: string): string[] {
  if (domain.startsWith('[') || /^[\d.]+$/.test(domain)) return [domain]
  const labels = domain.split('.')
  const above = labels.slice(1, -1).map((_, at) => labels.slice(at + 1).join('.'))
  return [domain, ...above.slice(-reputationLimits.domainLabelsMax)]
}
