/** The pages behind the link of a letter. */

import { MatrixError } from '../../../base/index.ts'
import type { Reply } from '../../../http/index.ts'
import type { EmailPurpose } from '../../../users/index.ts'
import { escapeHtml, page } from '../server/page.ts'

const effects: Record<EmailPurpose, string> = {
  add: 'Your e-mail address will belong to the account that asked for it.',
  register: 'Your e-mail address will belong to the new account that asked for it.',
  password: 'Whoever asked for this letter can then set a new password for your account.',
}

export type ConfirmForm = { readonly sid: string; readonly client_secret: string; readonly token: string }

/** A button: programs that look at links in letters must not confirm anything. */
export function confirmPage(form: ConfirmForm, purpose: EmailPurpose, serverName: string): Reply {
  const fields = Object.entries(form).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return page(
    purpose === 'password' ? 'Allow a new password' : 'Confirm your address',
    `<p>${effects[purpose]}</p>
    <p>Go on only if you asked <strong>${escapeHtml(serverName)}</strong> for this yourself, a moment ago.</p>
    <form method="post" action="/_parallax/email">${fields.join('')}<button>Confirm</button></form>`,
  )
}

export function confirmedPage(nextLink: string | undefined): Reply {
  const next =
    nextLink === undefined
      ? ''
      : `<p><a href="${escapeHtml(nextLink)}">Continue to ${escapeHtml(new URL(nextLink).host)}</a></p>`
  return page('Confirmed', `<p>Your address is confirmed. Go back to your Matrix client and continue there.</p>${next}`)
}

/** A page instead of JSON where the link is refused. */
export async function orRefused(build: () => Promise<Reply>): Promise<Reply> {
  try {
    return await build()
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    return page('Not confirmed', `<p class="fault" role="alert">${escapeHtml(error.message)}</p>`, 400)
  }
}
