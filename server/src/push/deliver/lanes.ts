/** Bounded work side by side: so much in all, and so much of one lane, whoever waits longest first within a lane. */

export interface Lanes {
  /** Runs the task when there is a place for it; it must not throw. */
  run(lane: string, task: () => Promise<void>): void
  /** Tasks that run now. */
  readonly running: number
  /** Starts nothing more; resolves when what runs has ended. */
  close(): Promise<void>
}

type Lane = { running: number; readonly waiting: (() => Promise<void>)[] }

/** Lanes that are taken in turn, so that a full one does not hold up the others. */
export function createLanes(max: number, perLaneMax: number): Lanes {
  const lanes = new Map<string, Lane>()
  const ended: (() => void)[] = []
  let running = 0
  let isClosed = false

  function startNext(): void {
    for (const [name, lane] of lanes) {
      if (isClosed || running >= max) return
      while (running < max && lane.running < perLaneMax && lane.waiting.length > 0) start(name, lane)
    }
  }

  function start(name: string, lane: Lane): void {
    const task = lane.waiting.shift()!
    lane.running++
    running++
    task().finally(() => {
      lane.running--
      running--
      // At the end of the line again, so that the other lanes come first.
      lanes.delete(name)
      if (lane.running > 0 || lane.waiting.length > 0) lanes.set(name, lane)
      startNext()
      if (running === 0) for (const resolve of ended.splice(0)) resolve()
    })
  }

  return {
    get running() {
      return running
    },
    run(name, task) {
      const lane = lanes.get(name) ?? { running: 0, waiting: [] }
      lanes.set(name, lane)
      lane.waiting.push(task)
      startNext()
    },
    async close() {
      isClosed = true
      if (running > 0) await new Promise<void>((resolve) => ended.push(resolve))
    },
  }
}
