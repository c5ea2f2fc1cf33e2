/** Makes the first account from the form. */

import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'
import { escapeHtml, page } from '../server/page.ts'
import { setupPage } from './setup-page.ts'

const formBytesMax = 8192

export const useSetup = endpoint(
  {
    method: 'POST',
    path: '/_parallax/setup',
    auth: 'none',
    limit: 'login',
    bodyBytesMax: formBytesMax,
    spec: 'parallax#setup',
  },
  async ({ administration, domains, site, users }, { bodyBytes }) => {
    const form = new URLSearchParams(Buffer.from(bodyBytes ?? []).toString('utf8'))
    const [token, name, password] = ['token', 'name', 'password'].map((field) => form.get(field) ?? '') as [
      string,
      string,
      string,
    ]
    const shown = { token, name, serverName: domains.first }
    try {
      users.checkPassword(password)
      const userId = await administration.useSetupLink(token, name, password)
      const url = escapeHtml(site.baseUrl())
      return page(
        'Welcome',
        `<p><strong>${escapeHtml(userId)}</strong> is the admin now.</p><p>Sign in with any Matrix
        client: homeserver <code>${url}</code>.</p>`,
      )
    } catch (error) {
      if (error instanceof MatrixError) return setupPage(shown, error.message)
      throw error
    }
  },
)
