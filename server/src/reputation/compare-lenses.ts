/** What a change of the server's lens changes, for its log. */

import { isDeepStrictEqual } from 'node:util'
import type { WrittenLens } from './reputation.ts'

type Rule = NonNullable<WrittenLens['rules']>[number]

const sameRule = (one: Rule) => (other: Rule) => isDeepStrictEqual({ ...one }, { ...other })

/** Only what is there in one of them and not in the other. */
export function compareLenses(before: WrittenLens | undefined, after: WrittenLens | undefined): object {
  const [rulesBefore, rulesAfter] = [before?.rules ?? [], after?.rules ?? []]
  const [feedsBefore, feedsAfter] = [before?.subscriptions ?? [], after?.subscriptions ?? []]
  const feedsOf = (feeds: WrittenLens['subscriptions'], others: WrittenLens['subscriptions']) =>
    feeds.filter((feed) => !others.some((other) => isDeepStrictEqual({ ...feed }, { ...other })))
  const lists = {
    rules_added: rulesAfter.filter((rule) => !rulesBefore.some(sameRule(rule))),
    rules_removed: rulesBefore.filter((rule) => !rulesAfter.some(sameRule(rule))),
    feeds_added: feedsOf(feedsAfter, feedsBefore),
    feeds_removed: feedsOf(feedsBefore, feedsAfter),
  }
  const isOther = before?.action_max !== after?.action_max
  const changed = Object.entries(lists).filter(([, list]) => list.length > 0)
  return { ...Object.fromEntries(changed), ...(isOther && { action_max: after?.action_max ?? null }) }
}
