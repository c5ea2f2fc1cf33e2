/** One seed: a room in which all goes wrong that can, then all is well again, and its servers must agree. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Draw } from '../kit/draw.ts'
import { fairWeather, faultKinds } from '../kit/faulty-network.ts'
import type { World } from '../kit/world.ts'
import { enterAgain, findDisagreements, findUnseen } from './agreement.ts'
import { act, type Stage, setStage } from './stage.ts'

export type Outcome = {
  readonly seed: number
  readonly version: string
  /** What is wrong after all; empty: nothing. */
  readonly wrong: readonly string[]
  /** What was done, in order. */
  readonly log: readonly string[]
  readonly durationMs: number
}

const STEPS = 24
/** Rounds after healing: each longer than the one before, all together longer than any back-off here. */
const roundMs = [0, 2_000, 5_000, 70_000, 200_000, 400_000, 3600_000, 4000_000, 8 * 3600_000, 24 * 3600_000]

/** Runs the seed in a room of its own on the first servers of the world. */
export async function runSeed(world: World, seed: number, serverCount: number): Promise<Outcome> {
  const start = performance.now()
  world.network.reseed(seed)
  const stage = await setStage(world, seed, serverCount)
  await doHarm(stage)
  world.network.heal()
  const wrong = await recover(stage)
  if (wrong.length === 0) wrong.push(...(await findUnseen(stage)))
  const durationMs = performance.now() - start
  return { seed, version: stage.version, wrong, log: stage.log, durationMs }
}

async function doHarm(stage: Stage): Promise<void> {
  const { draw, world, places } = stage
  const isRestarted = draw.chance(0.15)
  const restartAt = isRestarted ? draw.upTo(STEPS) : -1
  const running: Promise<void>[] = []
  for (let step = 0; step < STEPS; step++) {
    if (draw.chance(0.3)) changeWeather(stage)
    const together = Array.from({ length: 1 + draw.upTo(3) }, () => act(stage))
    running.push(...together)
    await Promise.race([Promise.all(together), sleep(25)])
    if (draw.chance(0.1)) world.clock.turn(draw.upTo(20_000))
    if (step === restartAt) {
      const place = draw.pick(places)
      stage.log.push(`${place.name} restarts`)
      await place.server.restart()
    }
  }
  world.network.heal()
  while ((await Promise.race([Promise.allSettled(running), sleep(50)])) === undefined) world.clock.turn(60_000)
  const failed = (await Promise.allSettled(running)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected' && !isRestarted) throw failed.reason
}

function changeWeather({ draw, world, places, log }: Stage): void {
  const { network } = world
  if (draw.chance(0.3)) {
    network.heal()
    log.push('the network heals')
  }
  if (draw.chance(0.5)) network.weather = drawWeather(draw)
  if (!draw.chance(0.5)) return
  const isInside = new Map(places.map((place) => [place, draw.chance(0.5)]))
  const isOneWay = draw.chance(0.3)
  for (const from of places) {
    for (const to of places) {
      if (isInside.get(from) === isInside.get(to) || (isOneWay && isInside.get(from))) continue
      network.cut(from.name, to.name)
    }
  }
  const inside = places.filter((place) => isInside.get(place)).map(({ name }) => name)
  log.push(`the network is cut around ${inside}${isOneWay ? ', one way' : ''}`)
}

function drawWeather(draw: Draw) {
  if (draw.chance(0.3)) return fairWeather
  return {
    share: draw.pick([0.05, 0.2, 0.5]),
    kinds: [draw.pick(faultKinds), draw.pick(faultKinds)],
    delayMs: draw.upTo(30),
  }
}

/** Lets time pass until all agree; answers what is wrong in the end. */
async function recover(stage: Stage): Promise<string[]> {
  let wrong: string[] = []
  for (const [round, ms] of roundMs.entries()) {
    stage.world.clock.turn(ms)
    await calm(stage)
    if (round === 3) await enterAgain(stage)
    wrong = await findDisagreements(stage)
    if (wrong.length === 0) return []
  }
  return wrong
}

/** Resolves when nothing goes over the network for a while. */
async function calm({ world }: Stage): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet = world.network.running() === 0 ? quiet + 1 : 0) await sleep(4)
}
