/** Where the entries of worker threads are: beside this file, as sources or as bundles. */

/** The URL of a worker's entry file, named without extension, with that of the running program. */
export function workerUrl(name: 'sqlite-writer' | 'sqlite-reader'): URL {
  const extension = /\.[cm]?[jt]s$/.exec(new URL(import.meta.url).pathname)?.[0] ?? '.js'
  return new URL(`./${name}${extension}`, import.meta.url)
}
