/**
 * What an opinion is about: contexts have a class, and the class decides how fast opinions fade, what an unknown entity
 * is worth and what may follow. Names are dotted; `m.spam.fraud` is a child of `m.spam`.
 */

import { ReputationError } from './errors.ts'
import { DAY_MS, reputationLimits } from './limits.ts'

export const contextClasses = ['objective', 'interpersonal', 'severe', 'viewpoint', 'taste', 'quality'] as const
export type ContextClass = (typeof contextClasses)[number]

/** What a lens may do with an item, weakest first. */
export const actions = ['none', 'annotate', 'blur', 'hide', 'refuse'] as const
export type Action = (typeof actions)[number]

export type ContextRules = {
  readonly class: ContextClass
  /** Undefined: opinions do not fade. */
  readonly halfLifeMs: number | undefined
  /** The prior probability that an unknown entity is acceptable. */
  readonly baseRate: number
  /** The strongest action that a blend (not an enforced feed) may lead to. */
  readonly actionMax: Action
  /** Local calibration: only where being right does not depend on who looks, or minorities are silenced. */
  readonly isCalibrated: boolean
  readonly arePositivesAllowed: boolean
  /** Whether statements may be published unsealed. */
  readonly isPlainAllowed: boolean
  /** Direct subscriptions that must agree before an item is hidden. */
  readonly supportMin: number
}

const days = (count: number): number => count * DAY_MS

const classRules: Readonly<Record<ContextClass, ContextRules>> = {
  objective: rulesOf('objective', days(90), 0.9, 'refuse', { isCalibrated: true }),
  interpersonal: rulesOf('interpersonal', days(180), 0.9, 'refuse'),
  severe: rulesOf('severe', undefined, 0.98, 'refuse', { arePositivesAllowed: false, isPlainAllowed: false }),
  viewpoint: rulesOf('viewpoint', days(60), 0.9, 'hide'),
  taste: rulesOf('taste', days(365), 0.9, 'blur'),
  quality: rulesOf('quality', days(180), 0.5, 'none'),
}

function rulesOf(
  name: ContextClass,
  halfLifeMs: number | undefined,
  baseRate: number,
  actionMax: Action,
  more: Partial<ContextRules> = {},
): ContextRules {
  const usual = { isCalibrated: false, arePositivesAllowed: true, isPlainAllowed: true, supportMin: 2 }
  return { class: name, halfLifeMs, baseRate, actionMax, ...usual, ...more }
}

const classes: Readonly<Record<ContextClass, readonly string[]>> = {
  objective: ['m.spam', 'm.tos.hacking', 'm.tos.ban_evasion', 'x.malware'],
  interpersonal: ['m.harassment', 'm.violence', 'm.danger'],
  severe: ['m.child_safety', 'm.adult.ncii', 'm.violence.human_trafficking', 'severe'],
  viewpoint: [
    'x.propaganda',
    'm.spam.election_interference',
    'x.misinfo',
    'x.offtopic',
    'x.politics',
    'm.tos',
    'm.other',
  ],
  taste: ['x.nsfw', 'm.violence.graphic', 'm.adult', 'x.spoiler', 'x.bot', 'x.commercial'],
  quality: ['x.helpful', 'x.trusted_member', 'x.verified_identity'],
}

const registry = new Map<string, ContextRules>(
  contextClasses.flatMap((name) => classes[name].map((id) => [id, classRules[name]] as const)),
)
registry.set('m.spam.flooding', { ...classRules.objective, halfLifeMs: days(14) })

const wellFormed = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

/**
 * The rules of a context: its own, or those of its nearest ancestor. A context that nobody has registered is a
 * viewpoint, the class from which least follows. Throws `bad-context` if the name is no possible one.
 */
export function findContext(id: string): ContextRules {
  const known = cache.get(id)
  if (known !== undefined) return known
  if (id.length > reputationLimits.nameLengthMax || !wellFormed.test(id)) {
    throw new ReputationError('bad-context', 'A context is lower-case words with dots between them.')
  }
  let rules = classRules.viewpoint
  for (const name of [id, ...ancestorsOf(id)]) {
    const found = registry.get(name)
    if (found === undefined) continue
    rules = found
    break
  }
  if (cache.size >= cachedMax) cache.clear()
  cache.set(id, rules)
  return rules
}

const cache = new Map<string, ContextRules>()
const cachedMax = 10_000

/** The registered contexts in which a general "this is fine" can be meant: all but the severe, and praise. */
export const acceptableContexts: readonly string[] = contextClasses
  .filter((name) => name !== 'severe' && name !== 'quality')
  .flatMap((name) => classes[name])

/** The names above a context, nearest first: `a.b.c` → `a.b`, `a`. */
export function ancestorsOf(id: string): string[] {
  const names: string[] = []
  for (let end = id.lastIndexOf('.'); end > 0; end = id.lastIndexOf('.', end - 1)) names.push(id.slice(0, end))
  return names
}

/**
 * How much evidence in one context counts in another about the same entity: all from below, half for each step from
 * above, nothing across classes (or a viewpoint could enter a context in which more follows from it).
 */
export function contextFactor(from: string, to: string): number {
  if (findContext(from).class !== findContext(to).class) return 0
  if (from === to || from.startsWith(`${to}.`)) return 1
  if (!to.startsWith(`${from}.`)) return 0
  return 0.5 ** ancestorsOf(to).slice(0, ancestorsOf(to).indexOf(from) + 1).length
}
