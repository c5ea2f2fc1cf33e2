/** `parallax doctor` beside a server that others reach, and one that they do not. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testAuthority } from '../../kit/authority.ts'
import { startPeer } from '../../kit/peer.ts'
import { findFreePort, startServer } from '../../kit/server-process.ts'

type Finding = { readonly check: string; readonly state: string; readonly text: string }

const launcher = fileURLToPath(new URL('../../../../bin/parallax', import.meta.url))

async function examine(environment: Record<string, string>, words: readonly string[] = []) {
  const child = spawn(process.execPath, [launcher, 'doctor', '--json', ...words], {
    ...{ env: { ...process.env, ...environment }, stdio: 'pipe' },
  })
  const status = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out] = await Promise.all([text(child.stdout), text(child.stderr)])
  const findings = JSON.parse(out) as Finding[]
  const find = (check: string) => findings.find((one) => one.check === check)
  return { status: await status, find }
}

test('doctor asks a server as others do, and looks at its database and clock', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'parallax-doctor-'))
  writeFileSync(join(home, 'config.yaml'), 'outgoing: { allowRanges: ["127.0.0.0/8", "::1"] }\n')
  const { authority, certificate, key } = testAuthority()
  const port = await findFreePort()
  const name = `localhost:${port}`
  const environment = {
    ...{ SERVER_NAME: name, HOMESERVER_FEDERATION: '1', HOMESERVER_HTTPS_PORT: String(port) },
    ...{ HOMESERVER_TLS_CERT: certificate, HOMESERVER_TLS_KEY: key, HOMESERVER_CA_CERT: authority },
    PARALLAX_CONFIG: join(home, 'config.yaml'),
  }
  const server = await startServer(environment)
  const peer = await startPeer()
  t.after(async () => {
    await server.close()
    await peer.close()
    rmSync(home, { recursive: true, force: true })
  })
  const here = {
    ...environment,
    HOMESERVER_DATA_DIR: server.dataDir,
    HOMESERVER_HTTP_PORT: new URL(server.baseUrl).port,
  }
  const well = await examine(here, ['--peer', peer.name])
  assert.equal(well.status, 1)
  for (const check of ['place', 'keys', 'federation'])
    assert.equal(well.find(`${check} of ${name}`)?.state, 'ok', check)
  for (const check of ['database', 'clock', 'server']) assert.equal(well.find(check)?.state, 'ok', check)
  assert.equal(well.find(`clock of ${peer.name}`)?.state, 'ok')
  assert.equal(well.find(`keys of ${peer.name}`)?.state, 'ok')
  assert.match(well.find(`federation of ${peer.name}`)!.text, /let the proxy pass all of \/_matrix\//)
  const strangers = await examine({ ...here, HOMESERVER_CA_CERT: '' })
  assert.match(strangers.find(`place of ${name}`)!.text, /the certificate is not valid for localhost/)
  await server.stop()
  const away = await examine(here)
  assert.deepEqual([away.status, away.find('server')?.state, away.find('database')?.state], [1, 'warning', 'ok'])
  assert.match(away.find(`place of ${name}`)!.text, /nothing accepts connections/)
  writeFileSync(join(server.dataDir, 'parallax.db'), 'not a database, but long enough to be looked at as one')
  assert.equal((await examine(here)).find('database')?.state, 'fault')
})
