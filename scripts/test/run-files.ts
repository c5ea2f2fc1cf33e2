/** Runs test files, each in a process of its own, and says how it went. */

import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { root } from '../tidy/tree.ts'

export type Result = { readonly passed: number; readonly failed: number }

const fileTimeoutMs = 180_000
// A stage takes 4 minutes on two quiet cores; a busy machine is no reason to fail.
const stageTimeoutMs = 1_200_000
// What a process said last on its standard error is printed if it died as a whole; characters.
const lastWordsMax = 4_000
// Nearly half of a short file's time is compiling the same modules as every other file.
const compileCache = join(root, 'node_modules/.cache/compiled-tests')

/**
 * Runs files from the repository's root with `environment` laid over ours; prints failures in full, the rest as dots.
 */
export async function runFiles(
  title: string,
  files: readonly string[],
  environment: Record<string, string> = {},
): Promise<Result> {
  if (files.length === 0) return { passed: 0, failed: 0 }
  const start = performance.now()
  const stream = run({
    files: files.map((file) => join(root, file)),
    cwd: root,
    // Many tests wait for a reply or a disk: one more than there are cores keeps these busy.
    concurrency: availableParallelism() + 1,
    timeout: fileTimeoutMs,
    signal: AbortSignal.timeout(stageTimeoutMs),
    env: { NODE_COMPILE_CACHE: compileCache, ...process.env, ...environment },
  })
  const result = { passed: 0, failed: 0 }
  stream.on('test:pass', (event) => {
    if (!isSuite(event)) result.passed++
  })
  const lastWords = new Map<string, string>()
  const deaths: string[] = []
  stream.on('test:stderr', ({ file, message }) => {
    lastWords.set(file, ((lastWords.get(file) ?? '') + message).slice(-lastWordsMax))
  })
  stream.on('test:fail', (event) => {
    if (isSuite(event)) return
    result.failed++
    const { exitCode, signal } = event.details.error as { exitCode?: number | null; signal?: string | null }
    if (exitCode === undefined) return
    const how = signal === null ? `exit code ${exitCode}` : signal
    deaths.push(`${event.name} ended as a process with ${how}:\n${lastWords.get(event.name) ?? '(no words)'}`)
  })
  const isVerbose = process.argv.includes('--verbose')
  const output = stream.compose(new spec())
  let text = ''
  for await (const chunk of output) {
    if (isVerbose) process.stdout.write(chunk)
    else text += chunk
  }
  if (result.failed > 0 && !isVerbose) console.log(failuresOf(text))
  for (const death of deaths) console.log(death)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${title}: ${files.length} files, ${result.passed} passed, ${result.failed} failed, ${seconds} s`)
  return result
}

// A suite is counted by its tests; one that fails without a failing test (in a hook) still counts.
function isSuite({ details }: { details: { type?: string | undefined; error?: Error } }): boolean {
  const failure = details.error as { failureType?: unknown } | undefined
  return details.type === 'suite' && failure?.failureType !== 'hookFailed'
}

// The spec reporter repeats what failed at its end.
function failuresOf(text: string): string {
  const at = text.lastIndexOf('failing tests:')
  return at === -1 ? text : text.slice(at)
}
