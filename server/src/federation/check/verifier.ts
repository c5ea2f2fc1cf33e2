/**
 * Signatures of many events at once: a thread of its own verifies them while this one goes on. A signature takes
 * about 60 µs, and a room of 10,000 members has 10,000 of them.
 */

import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { type SignatureCheck, verifyMany } from '@parallax/protocol'
import { type Clock, type Logger, startWorker } from '../../base/index.ts'
import type { VerifyReply, VerifyRequest } from './verify-worker.ts'

export const verifierLimits = {
  /** Fewer checks than these, asked for together, are done at once where they are asked for. */
  batchMin: 64,
  /** So many batches are, before a thread is worth its start. */
  batchesBefore: 3,
  /** How long the thread stays without work, and how long batches are counted as belonging together, ms. */
  idleMs: 10_000,
} as const

export interface Verifier {
  /** True if there is something to verify and all of it is right. */
  verify(checks: readonly SignatureCheck[]): Promise<boolean>
  close(): Promise<void>
}

export type VerifierDeps = { readonly clock: Clock; readonly logger: Logger }

type Waiting = { readonly checks: readonly SignatureCheck[]; readonly resolve: (isRight: boolean) => void }

/** Starts its thread when there are many signatures to verify; until that runs they are verified here. */
export function createVerifier(deps: VerifierDeps): Verifier {
  return new BatchVerifier(deps)
}

class BatchVerifier implements Verifier {
  readonly #deps: VerifierDeps
  readonly #pending = new Map<number, readonly Waiting[]>()
  #waiting: Waiting[] = []
  #worker: Worker | undefined
  #isReady = false
  /** Large batches in a row, and when the last one was asked for. */
  #largeCount = 0
  #largeAtMs = 0
  #isClosed = false
  #nextId = 1
  #cancelStop = (): void => {}

  constructor(deps: VerifierDeps) {
    this.#deps = deps
  }

  verify(checks: readonly SignatureCheck[]): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.#waiting.push({ checks, resolve }) === 1) setImmediate(() => this.#flush())
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#stop()
  }

  #flush(): void {
    const batch = this.#waiting
    this.#waiting = []
    const checks = batch.flatMap((one) => one.checks)
    const isLarge = checks.length >= verifierLimits.batchMin && availableParallelism() > 1
    if (isLarge && !this.#isClosed && this.#isWorthIt()) this.#worker ??= this.#start()
    if (!isLarge || !this.#isReady || this.#worker === undefined) {
      settleHere(batch)
      return
    }
    const id = this.#nextId++
    this.#pending.set(id, batch)
    this.#cancelStop()
    this.#worker.postMessage({ id, checks } satisfies VerifyRequest)
  }

  #isWorthIt(): boolean {
    const nowMs = this.#deps.clock.nowMs()
    if (nowMs - this.#largeAtMs > verifierLimits.idleMs) this.#largeCount = 0
    this.#largeAtMs = nowMs
    return ++this.#largeCount > verifierLimits.batchesBefore
  }

  #start(): Worker {
    const resourceLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 }
    const worker = startWorker(import.meta.url, 'verify-worker', { resourceLimits })
    worker.unref()
    worker.on('message', ({ id, verdicts }: VerifyReply) => {
      if (worker !== this.#worker) return
      this.#isReady = true
      const batch = this.#pending.get(id)
      this.#pending.delete(id)
      if (batch !== undefined) settle(batch, verdicts)
      if (this.#pending.size === 0) this.#stopLater()
    })
    worker.on('error', (error) => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, undefined))
    return worker
  }

  #stopLater(): void {
    this.#cancelStop()
    this.#cancelStop = this.#deps.clock.schedule(verifierLimits.idleMs, () => void this.#stop())
  }

  async #stop(): Promise<void> {
    this.#cancelStop()
    const worker = this.#worker
    this.#forget()
    await worker?.terminate()
  }

  /** What it had not answered is verified here. */
  #lose(worker: Worker, error: unknown): void {
    if (worker !== this.#worker) return
    this.#deps.logger.warn({ err: error }, 'the thread that verifies signatures ended')
    this.#forget()
  }

  #forget(): void {
    this.#worker = undefined
    this.#isReady = false
    this.#largeCount = 0
    const batches = [...this.#pending.values()]
    this.#pending.clear()
    for (const batch of batches) settleHere(batch)
  }
}

function settleHere(batch: readonly Waiting[]): void {
  for (const { checks, resolve } of batch) resolve(isRight(verifyMany(checks)))
}

/** `verdicts`: of the checks of all, one after the other. */
function settle(batch: readonly Waiting[], verdicts: readonly boolean[]): void {
  let from = 0
  for (const { checks, resolve } of batch) {
    resolve(isRight(verdicts.slice(from, from + checks.length)))
    from += checks.length
  }
}

function isRight(verdicts: readonly boolean[]): boolean {
  return verdicts.length > 0 && verdicts.every((verdict) => verdict)
}
