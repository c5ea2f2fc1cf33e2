/** The page behind the link of the first start. */

import type { Reply } from '../../../http/index.ts'
import { escapeHtml, page } from '../server/page.ts'

export type SetupForm = { readonly token: string; readonly serverName: string; readonly name?: string }

/** The form for the first account; `fault` says what was wrong with the last try. */
export function setupPage({ token, serverName, name = '' }: SetupForm, fault?: string): Reply {
  const faultLine = fault === undefined ? '' : `<p class="fault" role="alert">${escapeHtml(fault)}</p>`
  return page(
    'Make the first account',
    `${faultLine}<p>It becomes the admin of <strong>${escapeHtml(serverName)}</strong>. Names there end in
    <code>:${escapeHtml(serverName)}</code>; neither can be changed later.</p>
    <form method="post" action="/_parallax/setup">
    <input type="hidden" name="token" value="${escapeHtml(token)}">
    <label for="name">Name (lower-case letters, digits, and . _ - = / +)</label>
    <input id="name" name="name" required autocomplete="username" autocapitalize="none" value="${escapeHtml(name)}">
    <label for="password">Password (at least 8 characters)</label>
    <input id="password" name="password" type="password" required minlength="8" autocomplete="new-password">
    <button>Make the account</button></form>`,
    fault === undefined ? 200 : 400,
  )
}
