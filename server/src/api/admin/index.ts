/** This server's own endpoints; one that is not listed here does not exist. */

import type { Endpoint } from '../../http/index.ts'
import { control } from './control/control.ts'
import { confirm } from './email/confirm.ts'
import { showConfirm } from './email/show-confirm.ts'
import { listReports } from './reports/list-reports.ts'
import { getHealth } from './server/get-health.ts'
import { getHome } from './server/get-home.ts'
import { getMetrics } from './server/get-metrics.ts'
import { getReady } from './server/get-ready.ts'
import { showSetup } from './setup/show-setup.ts'
import { useSetup } from './setup/use-setup.ts'
import { getRegisterNonce } from './synapse/get-register-nonce.ts'
import { registerWithSecret } from './synapse/register-with-secret.ts'
import { sendServerNotice, sendServerNoticeOnce } from './synapse/send-server-notice.ts'

/** In the order of their folders. */
export const adminEndpoints: readonly Endpoint[] = [
  control,
  showConfirm,
  confirm,
  listReports,
  getHealth,
  getHome,
  getMetrics,
  getReady,
  showSetup,
  useSetup,
  getRegisterNonce,
  registerWithSecret,
  sendServerNotice,
  sendServerNoticeOnce,
]
