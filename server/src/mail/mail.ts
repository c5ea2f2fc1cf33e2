/** Letters by SMTP. */

export type Letter = {
  /** An address that `parseAddress` has passed. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface Mail {
  /** False: no SMTP server is set up. */
  readonly isOn: boolean
  /** Resolves when the SMTP server has taken it. Throws MatrixError M_UNKNOWN (status 502) if it did not. */
  send(letter: Letter): Promise<void>
  /** Ends the connections. */
  close(): Promise<void>
}

export type MailConfig = {
  readonly host: string
  readonly port: number
  /** `starttls`: encrypted or not at all; `implicit`: from the first byte; `none`: for a server on this machine. */
  readonly tls: 'starttls' | 'implicit' | 'none'
  readonly username: string | undefined
  readonly password: string | undefined
  /** `Name <address>` or an address. */
  readonly from: string
}
