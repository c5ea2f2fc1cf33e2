/** What letters say. */

import type { Letter } from './mail.ts'

type About = { readonly to: string; readonly serverName: string }
type WithLink = About & { readonly link: string }

/** For an address that is to be added to an account, or to make one with. */
export function confirmLetter({ to, serverName, link }: WithLink): Letter {
  return build(to, `Confirm your address for ${serverName}`, [
    `Somebody, probably you, wants to use this address with an account on ${serverName}. To confirm it, open:`,
    { link, label: 'Confirm this address' },
    'If it was not you, ignore this letter: without your confirmation nothing happens.',
  ])
}

export function resetLetter({ to, serverName, link }: WithLink): Letter {
  return build(to, `Your password on ${serverName}`, [
    `Somebody, probably you, wants to set a new password for your account on ${serverName}. To allow it, open:`,
    { link, label: 'Allow a new password' },
    'If it was not you, ignore this letter: your password stays as it is.',
  ])
}

/** In place of a confirmation, so that who asked does not learn it. */
export function inUseLetter({ to, serverName }: About): Letter {
  return build(to, `You have an account on ${serverName}`, [
    `Somebody, probably you, wants to use this address with an account on ${serverName}. It belongs to one already.`,
    'If you have forgotten its password, your client can set a new one by this address.',
    'If it was not you, ignore this letter.',
  ])
}

export function noAccountLetter({ to, serverName }: About): Letter {
  return build(to, `No account on ${serverName}`, [
    `Somebody, probably you, wants to set a new password on ${serverName}, but no account there has this address.`,
    'If it was not you, ignore this letter.',
  ])
}

export type NoticedLine = { readonly from: string; readonly room: string | undefined; readonly text: string }

/** What somebody has not read for a while. */
export function notifyLetter({ to, serverName, lines }: About & { readonly lines: readonly NoticedLine[] }): Letter {
  return build(to, `New messages on ${serverName}`, [
    'You have not read these yet:',
    ...lines.map(({ from, room, text }) => `${room === undefined ? from : `${from} in ${room}`}: ${text}`),
    'To get no more of these letters, turn off notifications by e-mail in your Matrix client.',
  ])
}

type Part = string | { readonly link: string; readonly label: string }

function build(to: string, subject: string, parts: readonly Part[]): Letter {
  const text = parts.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n')
  const html = parts.map((part) =>
    typeof part === 'string'
      ? `<p>${escapeMarkup(part)}</p>`
      : `<p><a href="${escapeMarkup(part.link)}">${escapeMarkup(part.label)}</a></p>`,
  )
  return { to, subject, text: `${text}\n`, html: `<!doctype html><html><body>${html.join('')}</body></html>` }
}

/** Text for HTML, in quotes too. */
export function escapeMarkup(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
