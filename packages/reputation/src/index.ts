/** The package's only door: see README.md for what is where. */

export {
  type Blend,
  type BlendOptions,
  type BlendRecord,
  blend,
  listRecords,
} from './blend/blend.ts'
export { type Cell, calibrate } from './blend/calibrate.ts'
export { groupCopies, type Listing } from './blend/copies.ts'
export { DAMPED, dampBursts } from './blend/damp-bursts.ts'
export { decayConfidence, type Evidence, evidenceCap, evidenceOf, idleFactor, pathTrust } from './blend/evidence.ts'
export { explain, type NameOf } from './blend/explain.ts'
export {
  defaultThresholds,
  type Lens,
  type Subscription,
  type SubscriptionMode,
  type Thresholds,
  trustIn,
  trustLevels,
} from './blend/lens.ts'
export { createOpinions, namedParents, type Opinions, type ParentsOf } from './blend/opinions.ts'
export { type DecisionRule, type Estimate, estimate, evaluate, lowerBound, type Outcome } from './blend/outcome.ts'
export type { Testimony } from './blend/testimony.ts'
export { type DeclaredParent, type SourcePath, walkSources } from './blend/walk-sources.ts'
export { type BubbleBand, bandOf, bubbleBands, followDrift, isWarningDue } from './bubble/bands.ts'
export {
  countNames,
  diversityLoss,
  jaccard,
  jensenShannon,
  normalEntropy,
  rankBiasedOverlap,
} from './bubble/diversity.ts'
export { type BubbleMetrics, bubbleIndex, herfindahl, measureBubble } from './bubble/measure.ts'
export { listReferences, type ReferenceLens } from './bubble/reference.ts'
export { type Ground, isKeptBack, type Showing, type Sighting, showItem } from './bubble/sighting.ts'
export { type Action, actions, type ContextClass, type ContextRules, contextFactor, findContext } from './context.ts'
export { type Entity, type EntityKey, type EntityKind, entityKinds, parseEntity, splitEntity } from './entity.ts'
export { ReputationError, type ReputationErrorKind } from './errors.ts'
export {
  type BlockList,
  type BlockListFormat,
  blockListFormats,
  type ListedOpinion,
  parseBlockList,
} from './exchange/block-lists.ts'
export {
  type PolicyRule,
  parsePolicyRule,
  policyRuleTypes,
  type RuleEvent,
  type RuleTarget,
  type WrittenRule,
  writeBanRule,
  writeOpinionRule,
} from './exchange/policy-rules.ts'
export { decodeBase64, encodeBase64 } from './feed/base64.ts'
export {
  type Batch,
  checkHead,
  eraseEntries,
  type Head,
  hashBatch,
  parseBatch,
  parseFeedName,
  parseHead,
} from './feed/batch.ts'
export { canonicalJson, type Json } from './feed/canonical.ts'
export { appendBatch, type ChainState, compareHeads, createChain, followBatch } from './feed/chain.ts'
export {
  applyEntries,
  entryId,
  type FeedEntry,
  hashEntry,
  type PlainEntry,
  parseEntry,
  type RowEntry,
  statementOf,
} from './feed/entry.ts'
export {
  checkSuccessor,
  isDeclared,
  type Manifest,
  type ManifestParent,
  parseManifest,
  readManifest,
  signManifest,
  type Tier,
} from './feed/manifest.ts'
export { addLeaf, checkConsistency, hashLeaf, type Peaks, proveConsistency, rootOf } from './feed/merkle.ts'
export { parseOpinion, readOpinion, type View, type WrittenOpinion, writeOpinion } from './feed/opinion.ts'
export { nameOrigins, republish } from './feed/republish.ts'
export {
  deriveRowKeys,
  epochSalt,
  hashFast,
  hashForAudience,
  hashOrigin,
  hashSlow,
  hashSlowAside,
  openRow,
  parseRow,
  ROW_BYTES,
  type Row,
  type RowKeys,
  type RowPayload,
  rowId,
  rowOriginsMax,
  sealRow,
} from './feed/row.ts'
export {
  packOpinion,
  parseSealedOpinion,
  type SealedOpinion,
  sealedKinds,
  unpackOpinion,
} from './feed/sealed-opinion.ts'
export { buildShards, findRows, listRows, readShard, type Shard, type ShardEvent, writeShard } from './feed/shard.ts'
export {
  checkQuotas,
  readSnapshot,
  readSnapshotInSteps,
  type Snapshot,
  type SnapshotFrame,
  signSnapshot,
} from './feed/snapshot.ts'
export { createFeedKey, type FeedKey } from './feed/sodium.ts'
export { DAY_MS, exchangeLimits, feedLimits, mediaLimits, model, reputationLimits } from './limits.ts'
export { loadOprf } from './lookup/load-oprf.ts'
export type { Blinded, Evaluation, Oprf, OprfKey } from './lookup/oprf.ts'
export {
  createRangeTable,
  findInRange,
  oprfInput,
  planQuestion,
  prefixOf,
  type RangeTable,
  rangeBits,
} from './lookup/range.ts'
export { checkGlob, globLimits, isGlob, matchesGlob } from './match/glob.ts'
export { createRuleIndex, type RuleIndex } from './match/rule-index.ts'
export { hashImage, lumaOf, type PdqHash } from './media/pdq.ts'
export { createPdqIndex, type PdqIndex, pdqDistance } from './media/pdq-index.ts'
export { checkStatement, type Statement } from './statement.ts'
