// The second half of the launcher, loaded only by a Node that is new enough: compile cache, then the program itself.
'use strict'

const fs = require('node:fs')
const module_ = require('node:module')
const os = require('node:os')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { findFreshBundle } = require('./bundle.js')

const root = path.dirname(__dirname)
// Long after the start, so that writing the cache never delays the first requests.
const FLUSH_AFTER_MS = 10_000
const SMALL_MARK = 'PARALLAX_SMALL'
const YOUNG_MIB = 4

/** In a checkout a bundle of the sources as they are now (or the sources themselves); in an installed package its own. */
function entryPoint() {
  const source = path.join(root, 'server/src/main.ts')
  const bundle = path.join(root, 'dist/main.mjs')
  const isInstalled = root.split(path.sep).includes('node_modules')
  if (!isInstalled && fs.existsSync(source)) return findFreshBundle(root, cacheFolder()) ?? source
  if (fs.existsSync(bundle)) return bundle
  throw new Error('This package was packed without its bundle; pack it with `npm run pack`.')
}

function cacheFolder() {
  const packages = path.basename(path.dirname(root)) === 'node_modules' ? path.dirname(root) : `${root}/node_modules`
  const near = path.join(packages, '.cache', 'parallax')
  try {
    fs.mkdirSync(near, { recursive: true })
    fs.accessSync(near, fs.constants.W_OK)
    return near
  } catch {
    return path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'parallax')
  }
}

/** Compiled code is kept between starts: it halves the time to the first request. A cache that cannot be written is no error. */
function keepCompiledCode() {
  module_.enableCompileCache(cacheFolder())
  setTimeout(() => module_.flushCompileCache(), FLUSH_AFTER_MS).unref()
}

/** A launcher that was killed outright takes this process with it: nobody else could stop it, and it holds the data folder. */
function endWithLauncher() {
  if (process.channel === undefined) return
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel.unref()
}

/**
 * A server keeps its memory small: a young generation of 4 MiB instead of 16 halves what a loaded server holds and costs
 * no measurable speed, and one arena of malloc is enough for few threads. Both can only be given to a new process, so
 * this one becomes it: same process ID, same streams.
 */
function becomeSmall() {
  const isServer = process.argv[2] === 'start'
  if (!isServer || process.env[SMALL_MARK] === '1' || typeof process.execve !== 'function') return
  process.removeAllListeners('warning')
  const environment = { MALLOC_ARENA_MAX: '2', ...process.env, [SMALL_MARK]: '1' }
  const own = [`--max-semi-space-size=${YOUNG_MIB}`, '--disable-warning=ExperimentalWarning', ...process.execArgv]
  process.execve(process.execPath, [process.argv0, ...own, ...process.argv.slice(1)], environment)
}

/** Starts Parallax in this process. `isChild`: another launcher, under an older Node, started this one. */
exports.run = ({ isChild }) => {
  if (isChild) endWithLauncher()
  else becomeSmall()
  delete process.env[SMALL_MARK]
  delete process.env.PARALLAX_LAUNCHED
  keepCompiledCode()
  import(pathToFileURL(entryPoint()).href).catch((error) => {
    console.error(error)
    process.exit(1)
  })
}
