/** A configuration that cannot be used: sentences for the administrator. */

/** All faults that were found, each a sentence. */
export class ConfigError extends Error {
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigError'
    this.faults = faults
  }
}
