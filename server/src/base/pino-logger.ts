/** The structured log: one JSON object a line, or lines for people on a terminal. Each names its request. */

import { type DestinationStream, destination, pino } from 'pino'
import type { Logger } from './logger.ts'
import { findRequestId } from './trace.ts'

export type LogOptions = {
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  readonly format: 'auto' | 'json' | 'pretty'
}

/** A logger to standard output. Fields called as secrets usually are never reach it. */
export function createPinoLogger({ level, format }: LogOptions): Logger {
  const isPretty = format === 'pretty' || (format === 'auto' && process.stdout.isTTY === true)
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['access_token', 'password', 'token', 'secret', 'authorization', '*.access_token', '*.password'],
      mixin: () => {
        const requestId = findRequestId()
        return requestId === undefined ? {} : { requestId }
      },
    },
    isPretty ? prettyLines() : destination({ fd: 1, sync: true }),
  )
}

function prettyLines(): DestinationStream {
  return {
    write(line) {
      const { time, level, msg, requestId, err, ...fields } = JSON.parse(line) as Record<string, unknown>
      const rest = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`
      const request = requestId === undefined ? '' : ` [${requestId}]`
      const trace = err === undefined ? '' : `\n${(err as { stack?: string }).stack ?? JSON.stringify(err)}`
      process.stdout.write(`${String(time).slice(11, 19)} ${String(level).padEnd(5)}${request} ${msg}${rest}${trace}\n`)
    },
  }
}
