/** The reputation API; an endpoint that is not listed here does not exist. */

import type { Endpoint } from '../../http/index.ts'
import { askBlinded } from './feeds/ask-blinded.ts'
import { askRange } from './feeds/ask-range.ts'
import { compareHeads } from './feeds/compare-heads.ts'
import { getChanges } from './feeds/get-changes.ts'
import { getManifest } from './feeds/get-manifest.ts'
import { getProof } from './feeds/get-proof.ts'
import { getSnapshot } from './feeds/get-snapshot.ts'
import { listFeeds } from './feeds/list-feeds.ts'
import { readAsMembers } from './feeds/read-as-members.ts'
import { waitForNews } from './feeds/wait-for-news.ts'
import { chooseLens } from './lenses/choose-lens.ts'
import { explain } from './lenses/explain.ts'
import { listLenses } from './lenses/list-lenses.ts'
import { putLens } from './lenses/put-lens.ts'
import { removeLens } from './lenses/remove-lens.ts'
import { createFeed } from './own-feeds/create-feed.ts'
import { deriveFeed } from './own-feeds/derive-feed.ts'
import { describeFeed } from './own-feeds/describe-feed.ts'
import { endOpinions } from './own-feeds/end-opinions.ts'
import { importList } from './own-feeds/import-list.ts'
import { listOwnFeeds } from './own-feeds/list-own-feeds.ts'
import { listOwnOpinions } from './own-feeds/list-own-opinions.ts'
import { removeFeed } from './own-feeds/remove-feed.ts'
import { renewSealing } from './own-feeds/renew-sealing.ts'
import { rollBackFeed } from './own-feeds/roll-back-feed.ts'
import { sayOpinions } from './own-feeds/say-opinions.ts'
import { setReaders } from './own-feeds/set-readers.ts'
import { findServerLens } from './server-lens/find-server-lens.ts'
import { listServerLog } from './server-lens/list-server-log.ts'
import { putServerLens } from './server-lens/put-server-lens.ts'
import { removeServerLens } from './server-lens/remove-server-lens.ts'
import { listAbout } from './subscriptions/list-about.ts'
import { listSubscriptions } from './subscriptions/list-subscriptions.ts'
import { lookNow } from './subscriptions/look-now.ts'
import { subscribe } from './subscriptions/subscribe.ts'
import { unsubscribe } from './subscriptions/unsubscribe.ts'
import { explainVerdict } from './view/explain-verdict.ts'
import { listDecisions } from './view/list-decisions.ts'
import { listQuiet } from './view/list-quiet.ts'
import { previewLens } from './view/preview-lens.ts'
import { setRule } from './view/set-rule.ts'
import { showMetrics } from './view/show-metrics.ts'

export const reputationEndpoints: readonly Endpoint[] = [
  listFeeds,
  getChanges,
  getManifest,
  getProof,
  getSnapshot,
  waitForNews,
  askRange,
  askBlinded,
  readAsMembers,
  compareHeads,
  chooseLens,
  explain,
  listLenses,
  putLens,
  removeLens,
  createFeed,
  deriveFeed,
  describeFeed,
  endOpinions,
  importList,
  listOwnFeeds,
  listOwnOpinions,
  removeFeed,
  rollBackFeed,
  sayOpinions,
  setReaders,
  renewSealing,
  listSubscriptions,
  subscribe,
  unsubscribe,
  listAbout,
  lookNow,
  showMetrics,
  listDecisions,
  previewLens,
  listQuiet,
  explainVerdict,
  setRule,
  findServerLens,
  listServerLog,
  putServerLens,
  removeServerLens,
]
