/** Sends letters through the SMTP server of the config. */

import type { Transporter } from 'nodemailer'
import { type Logger, MatrixError } from '../base/index.ts'
import type { Letter, Mail, MailConfig } from './mail.ts'

/** How long one step with the SMTP server may take, ms, and connections to it. */
const STEP_MS = 20_000
const CONNECTIONS_MAX = 3

/** The library is loaded with the first letter. */
export function createMail(config: MailConfig | undefined, logger: Logger): Mail {
  if (config === undefined) {
    return {
      isOn: false,
      send: () => Promise.reject(new MatrixError('M_UNKNOWN', 'This server sends no e-mail.')),
      close: async () => {},
    }
  }
  let opening: Promise<Transporter> | undefined
  return {
    isOn: true,
    async send(letter) {
      opening ??= openTransport(config)
      try {
        await (await opening).sendMail(messageOf(config, letter))
      } catch (error) {
        // The address is the user's own business.
        logger.error({ error: withoutAddresses(error) }, 'the SMTP server did not take a letter')
        throw new MatrixError('M_UNKNOWN', 'The e-mail could not be sent. Try again later.', {}, 502)
      }
    },
    async close() {
      const transport = await opening
      transport?.close()
    },
  }
}

async function openTransport({ host, port, tls, username, password }: MailConfig): Promise<Transporter> {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(username === undefined ? {} : { auth: { user: username, pass: password ?? '' } }),
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function messageOf({ from }: MailConfig, { to, subject, text, html }: Letter) {
  // As an object: nothing in the address is read as more addresses.
  return { from, to: { name: '', address: to }, subject, text, html, headers: { 'Auto-Submitted': 'auto-generated' } }
}

function withoutAddresses(error: unknown): string {
  return String(error).replaceAll(/[^\s<>]+@[^\s<>]+/g, '<address>')
}
