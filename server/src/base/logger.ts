/** The shape of a structured log; the one made with pino is built in base/pino-logger.ts. */

export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
