/** Every endpoint for other servers; one that is not listed here does not exist. */

import type { Endpoint } from '../../http/index.ts'
import { exchangeOpenIdToken } from './openid/exchange-open-id-token.ts'

/** In the order of their folders. */
export const federationEndpoints: readonly Endpoint[] = [exchangeOpenIdToken]
