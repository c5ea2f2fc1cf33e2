/** The version of this program. */

// Imported, not read at run time: the program also runs as a bundle, from another folder.
import description from '../../../package.json' with { type: 'json' }

/** As package.json says. */
export function version(): string {
  return description.version
}
