/**
 * Today's ban lists, read and written: policy rules of rooms (client-server-api#moderation-policy-lists) with the
 * recommendations of MSC3845 (opinion), MSC4204 (takedown) and MSC4205 (hashed entities), under their stable and
 * unstable names, and the names from before there was a specification.
 */

import { acceptableContexts } from '../context.ts'
import { type EntityKey, type EntityKind, parseEntity, splitEntity } from '../entity.ts'
import { ReputationError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from '../feed/base64.ts'
import { entryId } from '../feed/entry.ts'
import { type Fields, parseOptional, parseText } from '../feed/fields.ts'
import { parseOpinion, readOpinion, type View, writeOpinion } from '../feed/opinion.ts'
import { reputationLimits } from '../limits.ts'
import { checkGlob, isGlob } from '../match/glob.ts'
import type { Statement } from '../statement.ts'

/** What of a state event counts. */
export type RuleEvent = { readonly type: string; readonly content: Fields; readonly issuedMs: number }

/** Whom a rule means: one entity, all that fit a pattern, or the one whose SHA-256 (of its ID alone) is this. */
export type RuleTarget =
  | { readonly form: 'entity'; readonly entity: EntityKey }
  | { readonly form: 'pattern'; readonly kind: EntityKind; readonly pattern: string }
  | { readonly form: 'sha256'; readonly kind: EntityKind; readonly hash: string }

export type PolicyRule = {
  readonly target: RuleTarget
  /** What the rule says, in one context or (a rule that allows) in all. */
  readonly views: readonly View[]
}

type RuleKind = 'user' | 'room' | 'server'
const ruleKinds: readonly RuleKind[] = ['user', 'room', 'server']

/** Names under which lists write a rule of a kind; the first is the specification's. */
function typesOf(kind: RuleKind): string[] {
  return [`m.policy.rule.${kind}`, `m.room.rule.${kind}`, `org.matrix.mjolnir.rule.${kind}`]
}
const kindByType = new Map(ruleKinds.flatMap((kind) => typesOf(kind).map((type) => [type, kind] as const)))

/** The types of state event that hold rules. */
export const policyRuleTypes: readonly string[] = [...kindByType.keys()]

type Recommendation = 'ban' | 'takedown' | 'allow' | 'opinion'
const recommendations: Readonly<Record<string, Recommendation>> = {
  'm.ban': 'ban',
  'org.matrix.mjolnir.ban': 'ban',
  'm.takedown': 'takedown',
  'org.matrix.msc4204.takedown': 'takedown',
  'm.allow': 'allow',
  'org.matrix.mjolnir.allow': 'allow',
  'fi.mau.meowlnir.unban': 'allow',
  'm.opinion': 'opinion',
  'org.matrix.msc3845.opinion': 'opinion',
}
const hashNames = ['hashes', 'org.matrix.msc4205.hashes'] as const
const opinionNames = ['opinion', 'org.matrix.msc3845.opinion'] as const

/** Reasons that say spam in the words that lists use. */
const spamWords = /\b(spam\w*|flood\w*|scam\w*|phish\w*|advert\w*|raid\w*|bot ?net\w*)\b/i
/** How sure a list is taken to be that does not say so itself. */
const sureness = { spam: 0.8, ban: 0.6, takedown: 0.8, allow: 0.8, opinion: 0.5 } as const
/** A pattern says less about each that it fits. */
const BROAD_FACTOR = 0.8

/**
 * What a rule says; undefined where it says nothing: it was redacted or emptied, is no rule, or recommends what nobody
 * here knows. Throws `bad-entity`, `bad-pattern`, `bad-feed` or `bad-statement` for a rule that is broken.
 */
export function parsePolicyRule({ type, content, issuedMs }: RuleEvent): PolicyRule | undefined {
  const kind = kindByType.get(type)
  const named = typeof content.recommendation === 'string' ? content.recommendation : ''
  const recommendation = Object.hasOwn(recommendations, named) ? recommendations[named] : undefined
  if (kind === undefined || recommendation === undefined) return undefined
  const target = parseTarget(kind, content)
  if (target === undefined) return undefined
  const views = viewsOf(recommendation, content, issuedMs)
  if (target.form !== 'pattern') return { target, views }
  return {
    target,
    views: views.map((view) => ({ ...view, confidence: view.confidence * BROAD_FACTOR, isBroad: true })),
  }
}

function parseTarget(kind: RuleKind, content: Fields): RuleTarget | undefined {
  const entity = parseOptional(content, 'entity', () => parseText(content, 'entity', reputationLimits.entityBytesMax))
  if (entity === undefined) return parseHash(kind, content)
  if (!isGlob(entity)) return { form: 'entity', entity: parseEntity(kind, entity) }
  checkGlob(entity)
  return { form: 'pattern', kind, pattern: entity }
}

/** Hashes in lists are base64 of either alphabet, padded or not. */
function parseHash(kind: RuleKind, content: Fields): RuleTarget | undefined {
  const name = hashNames.find((key) => typeof content[key] === 'object' && content[key] !== null)
  if (name === undefined) return undefined
  const hashes = content[name] as Fields
  if (hashes.sha256 === undefined) return undefined
  const text = parseText(hashes, 'sha256', 44).replaceAll('+', '-').replaceAll('/', '_').replace(/=$/, '')
  return { form: 'sha256', kind, hash: encodeBase64(decodeBase64(text, 32)) }
}

function viewsOf(recommendation: Recommendation, content: Fields, issuedMs: number): View[] {
  const view = (context: string, value: number, confidence: number): View => {
    return { context, value, confidence, issuedMs, origins: [] }
  }
  if (recommendation === 'takedown') return [view('severe', -1, sureness.takedown)]
  if (recommendation === 'allow') return acceptableContexts.map((context) => view(context, 1, sureness.allow))
  if (recommendation === 'opinion') return [parseOpinionRule(content, view)]
  const reason = typeof content.reason === 'string' ? content.reason.slice(0, REASON_LENGTH_MAX) : ''
  return [spamWords.test(reason) ? view('m.spam', -1, sureness.spam) : view('m.tos', -1, sureness.ban)]
}

const REASON_LENGTH_MAX = 1_000

function parseOpinionRule(content: Fields, view: (context: string, value: number, confidence: number) => View): View {
  const name = opinionNames.find((key) => content[key] !== undefined)
  const opinion = name === undefined ? undefined : content[name]
  if (content.context !== undefined) return readOpinion(parseOpinion({ ...content, opinion }))
  if (!Number.isInteger(opinion) || Math.abs(opinion as number) > 100) {
    throw new ReputationError('bad-statement', 'An opinion is an integer from -100 to 100.')
  }
  return view('m.other', (opinion as number) / 100, sureness.opinion)
}

/** A state event to send; a rule is taken back by sending it with empty content. */
export type WrittenRule = { readonly type: string; readonly state_key: string; readonly content: Fields }

/**
 * The rule that says a statement; undefined for kinds of entity that lists do not have. Bots that know only bans ignore
 * it. Throws `bad-statement` where the context may only be published sealed.
 */
export function writeOpinionRule(statement: Statement): WrittenRule | undefined {
  const { kind, id } = splitEntity(statement.entity)
  if (!ruleKinds.some((known) => known === kind)) return undefined
  const written = parseOpinion(writeOpinion(statement))
  const state_key = `op/${entryId({ op: 'statement', kind, entity: id, ...written })}/${written.context}`
  const content = { entity: id, recommendation: 'm.opinion', ...written }
  return { type: `m.policy.rule.${kind}`, state_key, content }
}

/**
 * The ban that bots of today understand, for a statement at least as sure and as bad as its publisher would act on
 * (`badMin`, of value times confidence: 0 to 1); undefined for all others. Never made from a blend.
 */
export function writeBanRule(statement: Statement, badMin: number): WrittenRule | undefined {
  const { kind, id } = splitEntity(statement.entity)
  if (!ruleKinds.some((known) => known === kind) || statement.isBroad === true) return undefined
  if (-statement.value * statement.confidence < badMin || statement.value >= 0) return undefined
  const reason = statement.reasonCode ?? statement.context
  return {
    type: `m.policy.rule.${kind}`,
    state_key: `rule:${id}`,
    content: { entity: id, reason, recommendation: 'm.ban' },
  }
}
