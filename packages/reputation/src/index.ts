/** The package's only door: see README.md for what is where. */

export {
  type Blend,
  type BlendOptions,
  type BlendRecord,
  blend,
  listRecords,
} from './blend/blend.ts'
export { type Cell, calibrate } from './blend/calibrate.ts'
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
export { type Action, actions, type ContextClass, type ContextRules, contextFactor, findContext } from './context.ts'
export { type Entity, type EntityKey, type EntityKind, entityKinds, parseEntity, splitEntity } from './entity.ts'
export { ReputationError, type ReputationErrorKind } from './errors.ts'
export { DAY_MS, model, reputationLimits } from './limits.ts'
export { checkGlob, globLimits, isGlob, matchesGlob } from './match/glob.ts'
export { createRuleIndex, type RuleIndex } from './match/rule-index.ts'
export { checkStatement, type Statement } from './statement.ts'
