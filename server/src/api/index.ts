/** Every endpoint of this server. */

import type { Endpoint } from '../http/index.ts'
import { adminEndpoints } from './admin/index.ts'
import { clientEndpoints } from './client/index.ts'
import { federationEndpoints } from './federation/index.ts'
import { pageEndpoints } from './pages/index.ts'
import { reputationEndpoints } from './reputation/index.ts'

export const endpoints: readonly Endpoint[] = [
  ...clientEndpoints,
  ...federationEndpoints,
  ...reputationEndpoints,
  ...adminEndpoints,
  ...pageEndpoints,
]
