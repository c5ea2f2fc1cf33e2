/** Settings from defaults, file and environment, and what is said of wrong ones. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { ServerName } from '@parallax/protocol'
import { prepareDataFolder, settleServerName } from './data-folder.ts'
import { buildSampleConfig, explainConfig } from './explain.ts'
import { loadConfig } from './load-config.ts'
import { listOldKeys, openSigningKey, rotateSigningKey } from './signing-keys.ts'

const home = mkdtempSync(join(tmpdir(), 'parallax-config-'))
after(() => rmSync(home, { recursive: true }))

function fileWith(text: string): string {
  const path = join(home, `${Math.random()}.yaml`)
  writeFileSync(path, text)
  return path
}

const nowhere = { HOMESERVER_DATA_DIR: join(home, 'none') }

async function faultsOf(text: string, environment = {}): Promise<string> {
  const file = fileWith(text)
  const faults: readonly string[] = await loadConfig({ ...nowhere, ...environment }, file).then(
    () => [],
    (error) => error.faults,
  )
  return faults.join('\n').replaceAll(file, 'FILE')
}

describe('the configuration', () => {
  test('has defaults', async () => {
    const { config, file } = await loadConfig(nowhere)
    assert.equal(file, undefined)
    assert.equal(config.listen.port, 8008)
    assert.equal(config.listen.address, '127.0.0.1')
    assert.equal(config.registration.open, false)
    assert.equal('serverName' in config, false)
  })

  test('takes a variable before the file, and the file before the default', async () => {
    const file = fileWith('serverName: example.org\nlisten: { port: 1234, address: "::1" }\n')
    const { config, effective } = await loadConfig({ ...nowhere, HOMESERVER_HTTP_PORT: '4321' }, file)
    assert.deepEqual([config.listen.port, config.listen.address, config.serverName], [4321, '::1', 'example.org'])
    const sources = new Map(effective.map(({ setting, source }) => [setting.path, source]))
    assert.equal(sources.get('listen.port'), 'HOMESERVER_HTTP_PORT')
    assert.equal(sources.get('listen.address'), file)
    assert.equal(sources.get('listen.tlsPort'), 'default')
  })

  test('reads switches of the environment', async () => {
    for (const [text, value] of Object.entries({ 1: true, on: true, off: false, 0: false, no: false })) {
      const { config } = await loadConfig({ ...nowhere, HOMESERVER_RATE_LIMITS: text })
      assert.equal(config.rateLimits.enabled, value, text)
    }
  })

  test('takes an empty variable for none', async () => {
    const { config } = await loadConfig({ ...nowhere, HOMESERVER_DATABASE_URL: '' })
    assert.equal(config.database.url, undefined)
  })

  test('never shows a secret', async () => {
    const { effective } = await loadConfig({ ...nowhere, HOMESERVER_REGISTRATION_SECRET: 'hush' })
    assert.doesNotMatch(explainConfig(effective), /hush/)
  })

  test('prints a sample that it can read itself', async () => {
    const { config } = await loadConfig(nowhere, fileWith(buildSampleConfig('example.org')))
    assert.equal(config.serverName, 'example.org')
  })
})

describe('a wrong configuration is explained', () => {
  test('names what was meant', async () => {
    assert.equal(await faultsOf('servrName: a'), 'servrName in FILE is not a setting: did you mean serverName?')
    assert.equal(
      await faultsOf('listen: { prot: 1 }'),
      'listen.prot in FILE is not a setting: did you mean listen.port?',
    )
    assert.match(await faultsOf('port: 1'), /did you mean listen\.port\?/)
  })

  test('says what a value must be', async () => {
    assert.equal(await faultsOf('listen: { port: many }'), 'listen.port (from FILE) must be a whole number.')
    assert.equal(await faultsOf('listen: { port: 65536 }'), 'listen.port (from FILE) must be at most 65535.')
    assert.equal(
      await faultsOf('', { HOMESERVER_HTTP_PORT: 'x' }),
      'listen.port (from HOMESERVER_HTTP_PORT) must be a whole number.',
    )
    assert.match(await faultsOf('log: { level: loud }'), /must be one of error, warn, info, debug/)
    assert.match(await faultsOf('serverName: "no such_name"'), /serverName must be a domain/)
    assert.match(await faultsOf('rooms: { defaultVersion: "13" }'), /version from 1 to 12/)
    assert.match(await faultsOf('listen: { tlsKey: /nowhere.pem }'), /belong together[\s\S]*does not exist/)
    assert.match(await faultsOf('database: { url: "mysql://x" }'), /postgres:\/\//)
  })

  test('tells all faults at once', async () => {
    assert.equal((await faultsOf('a: 1\nlisten: { port: x }\nlog: { level: y }')).split('\n').length, 3)
  })

  test('says where a file is no YAML', async () => {
    assert.match(await faultsOf('a: [1\nb: }'), /is not valid YAML[\s\S]*line 2/)
    assert.match(await faultsOf('just a text'), /must hold settings/)
  })
})

describe('the data folder', () => {
  const folder = join(home, 'data')
  const server = 'example.org:8448' as ServerName

  test('is for its owner only', () => {
    prepareDataFolder(folder)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
  })

  test('keeps the signing key', () => {
    const key = openSigningKey(folder, server)
    assert.deepEqual(openSigningKey(folder, server), key)
    assert.match(key.keyId, /^ed25519:a_\w+$/)
    assert.equal(statSync(join(folder, 'keys', 'example.org_8448.signing.key')).mode & 0o777, 0o600)
  })

  test('replaces the signing key and keeps the old one', () => {
    const old = openSigningKey(folder, server)
    const key = rotateSigningKey(folder, server, 1000)
    assert.deepEqual(openSigningKey(folder, server), key)
    assert.notEqual(key.keyId, old.keyId)
    assert.deepEqual(listOldKeys(folder, server), [{ keyId: old.keyId, publicKey: old.publicKey, expiredMs: 1000 }])
    rotateSigningKey(folder, server, 2000)
    assert.deepEqual(
      listOldKeys(folder, server).map(({ keyId, expiredMs }) => [keyId, expiredMs]),
      [
        [old.keyId, 1000],
        [key.keyId, 2000],
      ],
    )
  })

  test('keeps the name of the server, and refuses another', async () => {
    const configOf = async (name: string) => ({
      ...(await loadConfig({ ...nowhere, SERVER_NAME: name })).config,
      dataDir: folder,
    })
    assert.equal(settleServerName(await configOf('example.org')), 'example.org')
    assert.equal(settleServerName(await configOf('')), 'example.org')
    const other = await configOf('other.example')
    assert.throws(() => settleServerName(other), /belongs to the server example\.org/)
  })
})
