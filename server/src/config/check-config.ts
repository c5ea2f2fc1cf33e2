/** Checks that concern more than the form of one value. */

import { existsSync } from 'node:fs'
import { findRoomRules, isServerName } from '@parallax/protocol'
import { parseIpRange } from './ip-range.ts'
import type { Config } from './schema.ts'

const characterClasses: ReadonlySet<string> = new Set(['digit', 'symbol', 'lowercase', 'uppercase'])

/** Sentences for what cannot work; an empty list if all is well. */
export function checkConfig(config: Config): string[] {
  const faults: string[] = []
  const { serverName, listen, rooms, database, journal, publicBaseUrl, outgoing, appservices, federation } = config
  if (serverName !== undefined && !isServerName(serverName)) {
    faults.push(`serverName must be a domain with an optional port, such as example.org: not "${serverName}".`)
  }
  for (const name of config.domains) {
    if (!isServerName(String(name))) faults.push(`domains must have server names: not "${name}".`)
  }
  if ((listen.tlsCertificate === undefined) !== (listen.tlsKey === undefined)) {
    faults.push('listen.tlsCertificate and listen.tlsKey belong together: give both or neither.')
  }
  for (const [name, file] of Object.entries({
    'listen.tlsCertificate': listen.tlsCertificate,
    'listen.tlsKey': listen.tlsKey,
    'outgoing.caCertificate': outgoing.caCertificate,
    'appservices.folder': appservices.folder,
  })) {
    if (file !== undefined && !existsSync(file)) faults.push(`${name} names ${file}, which does not exist.`)
  }
  if (findRoomRules(rooms.defaultVersion) === undefined)
    faults.push('rooms.defaultVersion must be a version from 1 to 12.')
  checkUrl(faults, 'database.url', database.url, ['postgres:', 'postgresql:'])
  if (journal.natsUrl !== undefined) faults.push('journal.natsUrl: this version has only the embedded journal.')
  checkUrl(faults, 'publicBaseUrl', publicBaseUrl, ['https:', 'http:'])
  checkRanges(faults, 'outgoing.allowRanges', outgoing.allowRanges)
  checkRanges(faults, 'outgoing.denyRanges', outgoing.denyRanges)
  for (const notary of federation.notaries) {
    if (!isServerName(String(notary))) faults.push(`federation.notaries must have server names: not "${notary}".`)
  }
  for (const server of config.identity.servers) {
    if (!isServerName(String(server))) faults.push(`identity.servers must have server names: not "${server}".`)
  }
  for (const kind of config.passwords.required) {
    if (!characterClasses.has(kind)) faults.push(`passwords.required may have ${[...characterClasses].join(', ')}.`)
  }
  for (const gateway of config.push.httpGateways) checkUrl(faults, 'push.httpGateways', gateway, ['http:'])
  for (const url of config.reputation.httpSources) checkUrl(faults, 'reputation.httpSources', url, ['http:'])
  for (const rule of config.reputation.refuse) {
    if (!/^(user @[^:\s]+:\S+|room !\S+|server [^@\s]+)$/.test(rule))
      faults.push('reputation.refuse has "user @…", "server …", "room !…".')
  }
  return faults
}

function checkUrl(faults: string[], name: string, value: string | undefined, protocols: readonly string[]): void {
  if (value === undefined) return
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !protocols.includes(url.protocol)) {
    faults.push(`${name} must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}.`)
  }
}

function checkRanges(faults: string[], name: string, ranges: readonly unknown[]): void {
  for (const range of ranges) {
    if (parseIpRange(String(range)) !== undefined) continue
    faults.push(`${name} must have addresses or ranges such as 10.1.0.0/16 or fd00::/8: not "${range}".`)
  }
}
