/** Runs an administrative operation: in the running server if there is one, otherwise on its data folder. */

import { MatrixError } from '../base/index.ts'
import { findRunning, loadConfig, type Running } from '../config/index.ts'
import { type AdminRequest, administerWith } from '../flows/index.ts'

/** Answers what the operation answers: a user ID, or a link. */
export async function administer(
  environment: NodeJS.ProcessEnv,
  file: string | undefined,
  request: AdminRequest,
): Promise<string | undefined> {
  const { config } = await loadConfig(environment, file)
  const running = findRunning(config.dataDir)
  const reply = running && (await askServer(running, request))
  if (reply !== undefined) return reply.result
  const { compose } = await import('../compose.ts')
  const { createPinoLogger, createSystemClock } = await import('../base/index.ts')
  const program = await compose({ config, clock: createSystemClock(), logger: createPinoLogger(config.log) })
  try {
    return await administerWith(program.components.administration, request)
  } finally {
    await program.close()
  }
}

/** Undefined if nobody answers: the server was killed, and its file is old. */
async function askServer({ url, token }: Running, request: AdminRequest): Promise<{ result?: string } | undefined> {
  const reply = await fetch(`${url}/_parallax/control`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify(request),
  }).catch(() => undefined)
  if (reply === undefined) return undefined
  const body = (await reply.json()) as { result?: string; errcode?: `M_${string}`; error?: string }
  if (!reply.ok)
    throw new MatrixError(body.errcode ?? 'M_UNKNOWN', body.error ?? `The server answered ${reply.status}.`)
  return body
}
