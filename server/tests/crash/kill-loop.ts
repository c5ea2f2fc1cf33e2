/** Kills a program under load at random instants, again and again, and has it checked after each death. */

import type { Random } from './random.ts'

/** A program that is killed: the store alone, or a whole server. */
export interface Victim {
  /** Starts the program and its load; resolves when the load runs, or when the program has ended. */
  start(): Promise<void>
  /** SIGKILL, at once and whatever it is doing; resolves when it has ended. */
  kill(): Promise<void>
  /** Throws if anything acknowledged is lost or doubled, or anything is half there. */
  check(): Promise<void>
  /** How many acknowledgments have been seen so far. */
  acknowledged(): number
}

export type KillPlan = {
  readonly kills: number
  readonly random: Random
  /** How long the load runs at most before a kill. */
  readonly loadMsMax: number
  /** How long a start takes, about: one kill in five falls into it. */
  readonly startMs: number
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** Acknowledgments after which the load counts as running: a busy machine needs its time for the first. */
export const LOAD_MIN = 5
const LOAD_WAIT_MS_MAX = 30_000

async function untilAcknowledged(victim: Victim, wanted: number): Promise<void> {
  const deadline = performance.now() + LOAD_WAIT_MS_MAX
  while (victim.acknowledged() < wanted) {
    if (performance.now() > deadline) throw new Error(`${victim.acknowledged()} of ${wanted} writes acknowledged`)
    await sleep(1)
  }
}

/** Answers how many of the kills fell into a start. Throws what the victim's check throws. */
export async function killAgainAndAgain(
  victim: Victim,
  { kills, random, loadMsMax, startMs }: KillPlan,
  onKill: (kill: number) => void = () => {},
): Promise<{ inStart: number }> {
  let inStart = 0
  for (let kill = 1; kill <= kills; kill++) {
    const started = victim.start()
    // The first falls into the load, whatever the seed: a run without any acknowledgment would show nothing.
    if (random.next() < 0.2 && kill > 1) {
      inStart++
      await sleep(random.between(1, startMs))
    } else {
      await started
      await untilAcknowledged(victim, victim.acknowledged() + LOAD_MIN)
      await sleep(random.between(1, loadMsMax))
    }
    await victim.kill()
    await started
    await victim.check()
    onKill(kill)
  }
  return { inStart }
}
