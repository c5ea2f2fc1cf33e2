/** What users may do on this server. Spec: client-server-api#get_matrixclientv3capabilities. */

import { roomVersions } from '@parallax/protocol'
import { endpoint } from '../../../http/index.ts'

const available = Object.fromEntries([...roomVersions.keys()].map((version) => [version, 'stable']))

export const getCapabilities = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/capabilities',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3capabilities',
  },
  ({ config, mail }, { caller }) => ({
    capabilities: {
      'm.room_versions': { default: config.rooms.defaultVersion, available },
      'm.change_password': { enabled: true },
      'm.set_displayname': { enabled: true },
      'm.set_avatar_url': { enabled: true },
      'm.profile_fields': { enabled: true },
      'm.3pid_changes': { enabled: mail.isOn },
      'm.get_login_token': { enabled: config.sessions.loginTokens },
      ...(caller.isAdmin ? { 'm.account_moderation': { lock: true, suspend: true } } : {}),
    },
  }),
)
