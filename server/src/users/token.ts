/** Secrets that name sessions: 256 random bits with a prefix that tells what they are. Only their hashes are stored. */

import { hash } from 'node:crypto'

/**
 * `access`, `refresh`: of sessions; `auth`: a session of user-interactive authentication; `invite`: to register;
 * `confirm`: an address, or the session in which that is done.
 */
export type TokenKind = 'access' | 'refresh' | 'login' | 'setup' | 'auth' | 'invite' | 'openid' | 'confirm'

const prefixes: Readonly<Record<TokenKind, string>> = {
  access: 'plx_at_',
  refresh: 'plx_rt_',
  login: 'plx_lt_',
  setup: 'plx_st_',
  auth: '',
  invite: '',
  openid: 'plx_oi_',
  confirm: '',
}

/** A new token of that kind. */
export function newToken(randomBytes: (length: number) => Uint8Array, kind: TokenKind): string {
  const length = kind === 'invite' ? 12 : 32
  return prefixes[kind] + Buffer.from(randomBytes(length)).toString('base64url')
}

/** What is stored of a token: SHA-256, hex. */
export function hashToken(token: string): string {
  return hash('sha256', token)
}

/** A device ID for a client that brings none: ten capital letters. */
export function newDeviceId(randomBytes: (length: number) => Uint8Array): string {
  return Array.from(randomBytes(10), (byte) => String.fromCharCode(65 + (byte % 26))).join('')
}
