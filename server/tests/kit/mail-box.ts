/** A real SMTP server on loopback that keeps the letters it gets. */

import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export type MailBox = {
  readonly port: number
  /** Letters as they came, headers and all, oldest first. */
  readonly letters: { readonly to: readonly string[]; readonly raw: string }[]
  /** Settings of a server that sends its letters here. */
  readonly environment: Record<string, string>
  /** The link in the newest letter to this address. */
  linkTo(address: string): URL
  /** How the next letters are answered: undefined takes them. */
  refuse: Error | undefined
  /** How long each letter takes to be answered. */
  delayMs: number
  close(): Promise<void>
}

export async function startMailBox(): Promise<MailBox> {
  const letters: MailBox['letters'] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      const to = session.envelope.rcptTo.map(({ address }) => address)
      text(stream).then((raw) => {
        if (box.refuse === undefined) letters.push({ to, raw })
        setTimeout(() => callback(box.refuse), box.delayMs)
      }, callback)
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const box: MailBox = {
    port,
    letters,
    environment: {
      HOMESERVER_SMTP_HOST: '127.0.0.1',
      HOMESERVER_SMTP_PORT: String(port),
    },
    refuse: undefined,
    delayMs: 0,
    linkTo(wanted) {
      const letter = letters.findLast(({ to }) => to.includes(wanted))
      if (letter === undefined) throw new Error(`no letter to ${wanted}`)
      // Long lines are folded by quoted-printable.
      const plain = letter.raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')
      const link = /http:\/\/\S+_parallax\/email\?[\w&=.~%-]+/.exec(plain)?.[0]
      if (link === undefined) throw new Error(`no link in the letter to ${wanted}`)
      return new URL(link)
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return box
}
