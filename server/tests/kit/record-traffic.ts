/**
 * Lets a recorder stand between a test and its server, for the contract checker. PARALLAX_RECORDER names a module with
 * `startProxy({ target, out })`, PARALLAX_RECORDS the folder of the records; without them nothing stands between.
 */

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export type Recorder = { readonly url: string; close(): Promise<void> }

type RecorderModule = { startProxy(options: { target: string; out: string }): Promise<Recorder> }

/** A recorder before this URL, or the URL itself. */
export async function recordTraffic(target: string): Promise<Recorder> {
  const { PARALLAX_RECORDER: module, PARALLAX_RECORDS: folder } = process.env
  if (module === undefined || folder === undefined) return { url: target, close: async () => {} }
  const { startProxy } = (await import(pathToFileURL(module).href)) as RecorderModule
  return startProxy({ target, out: join(folder, `${randomUUID()}.ndjson`) })
}
