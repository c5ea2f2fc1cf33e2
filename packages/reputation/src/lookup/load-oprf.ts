/** The oblivious function over libsodium's curve. */

import { loadCurve } from './curve.ts'
import { createOprf, type Oprf } from './oprf.ts'

/** Loads the library (once, about 0.1 s) and answers the operations, which are synchronous and pure. */
export async function loadOprf(): Promise<Oprf> {
  return createOprf(await loadCurve())
}
