/** A certificate authority for tests, and certificates for `localhost`, made once for each process by openssl. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Authority = {
  /** PEM files. */
  readonly authority: string
  readonly certificate: string
  readonly key: string
}

let made: Authority | undefined

/** The authority's certificate, and a certificate and key for `localhost` and 127.0.0.1 that it signed. */
export function testAuthority(): Authority {
  made ??= makeAuthority()
  return made
}

function makeAuthority(): Authority {
  const home = mkdtempSync(join(tmpdir(), 'parallax-authority-'))
  process.once('exit', () => rmSync(home, { recursive: true, force: true }))
  const at = (name: string) => join(home, name)
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const ca = ['-x509', '-days', '3650', '-subj', '/CN=Test authority', '-keyout', at('ca.key'), '-out', at('ca.pem')]
  openssl('req', ...newKey, ...ca)
  openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', at('server.key'), '-out', at('server.csr'))
  writeFileSync(at('extensions'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signing = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '3650']
  openssl('x509', '-req', ...signing, '-extfile', at('extensions'), '-in', at('server.csr'), '-out', at('server.pem'))
  return { authority: at('ca.pem'), certificate: at('server.pem'), key: at('server.key') }
}
