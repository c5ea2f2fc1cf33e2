/** What the listener needs of the configuration, certificates read. */

import { readFileSync } from 'node:fs'
import { ConfigError } from './config-error.ts'
import type { Config } from './schema.ts'

export type Sockets = {
  readonly address: string
  readonly port: number
  readonly tls?: { readonly port: number; readonly certificate: string; readonly key: string }
}

/** Where to listen; throws a ConfigError if the certificate or its key cannot be read. */
export function readSockets({ listen }: Config): Sockets {
  const { address, port, tlsPort, tlsCertificate, tlsKey } = listen
  if (tlsCertificate === undefined || tlsKey === undefined) return { address, port }
  try {
    const tls = { port: tlsPort, certificate: readFileSync(tlsCertificate, 'utf8'), key: readFileSync(tlsKey, 'utf8') }
    return { address, port, tls }
  } catch (error) {
    throw new ConfigError([`The certificate or its key cannot be read: ${(error as Error).message}.`])
  }
}

/** The base URL that clients are told: of the config, else the address that is listened on. */
export function baseUrlOf({ publicBaseUrl, listen }: Pick<Config, 'publicBaseUrl' | 'listen'>, port: number): string {
  if (publicBaseUrl !== undefined) return publicBaseUrl.replace(/\/+$/, '')
  const isAny = listen.address === '0.0.0.0' || listen.address === '::'
  const host = isAny ? 'localhost' : listen.address.includes(':') ? `[${listen.address}]` : listen.address
  return `http://${host}:${port}`
}
