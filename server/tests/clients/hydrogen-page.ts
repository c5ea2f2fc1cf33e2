/**
 * Hydrogen, a web client of others, as a page that a browser can open: hydrogen-view-sdk bundled, its assets as they
 * are, served on a free port of loopback.
 */

import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export type HydrogenPage = { readonly url: string; close(): void }

const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url))
const mimeTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
}

/** The whole application: login, list of rooms, timeline. */
const program = (baseUrl: string): string => `
import { createNavigation, createRouter, FeatureSet, Platform, RootViewModel } from 'hydrogen-view-sdk'
const assetPaths = {
  downloadSandbox: '/assets/download-sandbox.html',
  worker: '/assets/main.js',
  olm: { wasm: '/olm/olm.wasm', legacyBundle: '/olm/olm_legacy.js', wasmBundle: '/olm/olm.js' },
  serviceWorker: '/sw.js',
}
const config = { defaultHomeServer: ${JSON.stringify(baseUrl)} }
const platform = new Platform({ container: document.querySelector('#app'), assetPaths, config, options: {} })
const navigation = createNavigation()
platform.setNavigation(navigation)
await platform.init()
const urlRouter = createRouter({ navigation, history: platform.history })
urlRouter.attach()
const features = await FeatureSet.load(platform.settingsStorage)
const root = new RootViewModel({ platform, urlRouter, navigation, features })
await root.load()
platform.createAndMountRootView(root)
`

const html = `<!doctype html><html><head><meta charset="utf-8">
<link rel="stylesheet" href="/assets/theme-element-light.css">
<style>html, body { height: 100%; margin: 0 }</style></head>
<body id="app" class="hydrogen"><script type="module" src="/page.js"></script></body></html>`

/** Serves the client, set to this homeserver. */
export async function serveHydrogen(baseUrl: string): Promise<HydrogenPage> {
  const stdin = { contents: program(baseUrl), resolveDir: modules }
  // Olm asks for these only where it runs in Node.
  const external = ['crypto', 'fs', 'path']
  const { outputFiles } = await build({ stdin, bundle: true, format: 'esm', write: false, logLevel: 'error', external })
  const sdk = join(modules, 'hydrogen-view-sdk')
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://page').pathname
    const send = (body: string | Uint8Array, type: string): void => {
      response.writeHead(200, { 'content-type': mimeTypes[type] ?? 'application/octet-stream' }).end(body)
    }
    if (path === '/page.js') return send(outputFiles[0]!.contents, '.js')
    const file =
      path === '/sw.js'
        ? join(sdk, 'lib-build/sw.js')
        : path.startsWith('/olm/')
          ? join(modules, '@matrix-org', path)
          : join(sdk, 'asset-build', path)
    if (/^\/(sw\.js|(olm|assets)\/[\w.-]+)$/.test(path) && existsSync(file))
      return send(readFileSync(file), extname(file))
    send(html, '.html')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return { url: `http://127.0.0.1:${address.port}/`, close: () => void server.close().closeAllConnections() }
}
