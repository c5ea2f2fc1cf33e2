/** Starts threads whose entry files are beside the file that starts them, as sources or as bundles. */

import module from 'node:module'
import { dirname } from 'node:path'
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** The URL of an entry file beside `here`, named without extension, with that of the running program. */
function workerUrl(here: string, name: string): URL {
  const extension = /\.[cm]?[jt]s$/.exec(new URL(here).pathname)?.[0] ?? '.js'
  return new URL(`./${name}${extension}`, here)
}

/**
 * A thread that runs this entry; `here` is the caller's `import.meta.url`. It shares the compile cache of the process,
 * if that has one: a thread that finds its sources compiled starts in half the time and needs 20 MiB less, for it never
 * loads the TypeScript parser.
 */
export function startWorker(here: string, name: string, options: WorkerOptions): Worker {
  const url = workerUrl(here, name)
  const cache = module.getCompileCacheDir()
  if (cache === undefined) return new Worker(url, options)
  const code = `const module_ = require('node:module')
    module_.enableCompileCache(${JSON.stringify(dirname(cache))})
    import(${JSON.stringify(url.href)}).then(() => module_.flushCompileCache())`
  return new Worker(code, { ...options, eval: true })
}
