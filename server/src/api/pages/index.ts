/** Pages for browsers; an endpoint that is not listed here does not exist. */

import type { Endpoint } from '../../http/index.ts'
import { showLens } from './show-lens.ts'
import { showLensFile } from './show-lens-file.ts'

export const pageEndpoints: readonly Endpoint[] = [showLens, showLensFile]
