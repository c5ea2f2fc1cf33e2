/** Bounds on push rules that a client may store. Sums bound the work that one user's rules cost for one event. */

export const pushLimits = {
  ruleIdBytesMax: 255,
  /** Own `room` and `sender` rules, each kind: looked up by map, so many are cheap. */
  addressedRulesMax: 2_000,
  /** Own `override`, `content` and `underride` rules together: tried one after another. */
  orderedRulesMax: 256,
  conditionsMax: 16,
  actionsMax: 16,
  /** UTF-16 units of one `pattern`, `key`, `is`, tweak name or text value. */
  textCharsMax: 512,
  /** UTF-16 units of all patterns of a user together. */
  patternCharsSumMax: 8_192,
  /** UTF-16 units of one action or condition as JSON text. */
  partCharsMax: 2_048,
  /** Longest display name that `contains_display_name` looks for, in UTF-16 units. */
  displayNameCharsMax: 256,
} as const
