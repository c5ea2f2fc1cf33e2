/** A Python that has Synapse: the one named by PARALLAX_SYNAPSE_PYTHON, else one in a folder of the user's cache. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const synapseVersion = '1.163.2'

/** The path of that Python; installs Synapse from the Python registry at the first use, which takes minutes. */
export function findSynapsePython(): string {
  const given = process.env.PARALLAX_SYNAPSE_PYTHON
  if (given) return given
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  const folder = join(cache, 'parallax', 'synapse-venv')
  const python = join(folder, 'bin', 'python')
  if (!isInstalled(python)) install(folder, python)
  return python
}

function isInstalled(python: string): boolean {
  if (!existsSync(python)) return false
  try {
    execFileSync(python, ['-c', 'import synapse.event_auth'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function install(folder: string, python: string): void {
  console.log(`Installing Synapse ${synapseVersion} into ${folder} …`)
  const packages = ['-m', 'pip', 'install', '--quiet', `matrix-synapse==${synapseVersion}`]
  try {
    mkdirSync(folder, { recursive: true })
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
    execFileSync(python, packages, { stdio: 'inherit' })
  } catch (cause) {
    const wanted = 'it needs python3 with venv and the Python registry; or name a Python in PARALLAX_SYNAPSE_PYTHON'
    throw new Error(`Synapse ${synapseVersion} could not be installed into ${folder}: ${wanted}`, { cause })
  }
}
