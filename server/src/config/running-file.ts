/** A file in the data folder that says where the running server is, for the commands of the same user. */

import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeSafely } from './data-folder.ts'

export type Running = {
  readonly pid: number
  /** Reached from this machine. */
  readonly url: string
  /** Proves to the server that a command may read its data folder. */
  readonly token: string
}

const fileName = 'running.json'

/** Says that a server runs on this data folder. */
export function writeRunning(folder: string, running: Running): void {
  writeSafely(join(folder, fileName), JSON.stringify(running))
}

/** Where the server of this data folder was when it last started; it may have been killed since. */
export function findRunning(folder: string): Running | undefined {
  const path = join(folder, fileName)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Running) : undefined
}

/** The server stops. */
export function forgetRunning(folder: string): void {
  rmSync(join(folder, fileName), { force: true })
}
