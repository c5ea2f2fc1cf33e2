/** The pages behind the link of a letter. */

import type { Reply } from '../../../http/index.ts'
import { escapeHtml, page } from '../server/page.ts'

export type ConfirmForm = { readonly sid: string; readonly client_secret: string; readonly token: string }

/** A button: programs that look at links in letters must not confirm anything. */
export function confirmPage(form: ConfirmForm, serverName: string): Reply {
  const fields = Object.entries(form).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return page(
    'Confirm your address',
    `<p>Go on only if you asked <strong>${escapeHtml(serverName)}</strong> for this yourself, a moment ago.</p>
    <form method="post" action="/_parallax/email">${fields.join('')}<button>Confirm</button></form>`,
  )
}

export function confirmedPage(nextLink: string | undefined): Reply {
  const next = nextLink === undefined ? '' : `<p><a href="${escapeHtml(nextLink)}">Continue</a></p>`
  return page('Confirmed', `<p>Your address is confirmed. Go back to your Matrix client and continue there.</p>${next}`)
}

export function refusedPage(message: string): Reply {
  return page('Not confirmed', `<p class="fault" role="alert">${escapeHtml(message)}</p>`, 400)
}
