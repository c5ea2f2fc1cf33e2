/** The page at `/`: that the server runs, and how to connect. */

import { endpoint } from '../../../http/index.ts'
import { escapeHtml, page } from './page.ts'

export const getHome = endpoint(
  { method: 'GET', path: '/', auth: 'none', limit: 'default', spec: 'parallax#home' },
  ({ site, domains }) => {
    const url = `<code>${escapeHtml(site.baseUrl())}</code>`
    const name = `<code>${escapeHtml(domains.first)}</code>`
    return page(
      'Parallax is running',
      `<p>This is the Matrix homeserver of ${name}.</p>
      <p>To connect, open a Matrix client, choose to sign in, and give ${url} as the homeserver.</p>
      <p>Administrators: <code>parallax --help</code> lists the commands,
      <code>parallax doctor</code> checks the set-up.
      The documentation is in the folder <code>docs</code> of the program.</p>`,
    )
  },
)
