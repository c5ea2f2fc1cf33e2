/** Small tools without knowledge of Matrix rooms: clock, queues, caches, errors. */

export { type Clock, createSystemClock } from './clock.ts'
export { createHealth, type Health } from './health.ts'
export { collectWhenIdle } from './idle-memory.ts'
export { createKeyedQueue, type KeyedQueue } from './keyed-queue.ts'
export type { Logger } from './logger.ts'
export { Lru } from './lru.ts'
export { type Errcode, MatrixError } from './matrix-error.ts'
export { createMetrics, type Metrics, type Sample } from './metrics.ts'
export { createPinoLogger, type LogOptions } from './pino-logger.ts'
export { startWorker } from './start-worker.ts'
export { withRequestId } from './trace.ts'
export { version } from './version.ts'
