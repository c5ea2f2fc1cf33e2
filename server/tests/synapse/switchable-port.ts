/** A port in front of a server's, which can be shut: connections break, and new ones are broken at once. */

import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { findFreePort } from '../kit/server-process.ts'

export type SwitchablePort = {
  /** What others connect to. */
  readonly port: number
  /** Where the server behind it must listen. */
  readonly target: number
  setOpen(isOpen: boolean): void
  close(): Promise<void>
}

/** Opens a port on loopback for a server that will listen on `target`. */
export async function openSwitchablePort(): Promise<SwitchablePort> {
  const target = await findFreePort()
  const port = await findFreePort()
  const sockets = new Set<Socket>()
  let isOpen = true
  const proxy = createServer((inbound) => {
    if (!isOpen) return void inbound.destroy()
    const outbound = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  proxy.listen(port, '127.0.0.1')
  await once(proxy, 'listening')
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port,
    target,
    setOpen(open) {
      isOpen = open
      if (!open) breakAll()
    },
    async close() {
      proxy.close()
      breakAll()
      await once(proxy, 'close')
    },
  }
}
