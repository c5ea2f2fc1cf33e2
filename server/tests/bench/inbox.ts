/** Speed of what comes in from other servers over TLS: transactions of 50 events each, and single ones. */

import { readFileSync } from 'node:fs'
import { buildXMatrix, type JsonObject, type RoomEvent } from '@parallax/protocol'
import { Agent, request } from 'undici'
import { testAuthority } from '../kit/authority.ts'
import { startFederated } from '../kit/federated.ts'
import { startPeer } from '../kit/peer.ts'
import { answerFrom, startLine } from '../kit/peer-events.ts'
import { joinAsPeer } from '../kit/peer-rooms.ts'
import { waitFor } from '../kit/wait-for.ts'

const server = await startFederated()
const peer = await startPeer()
const ann = await server.register('ann')
const dispatcher = new Agent({ connect: { ca: readFileSync(testAuthority().authority) } })
let transactions = 0

async function send(events: readonly RoomEvent[]): Promise<void> {
  const uri = `/_matrix/federation/v1/send/bench-${++transactions}`
  const body = { origin: peer.name, origin_server_ts: Date.now(), pdus: events.map(({ pdu }) => pdu), edus: [] }
  const content = body as unknown as JsonObject
  const signed = { method: 'PUT', uri, origin: peer.name, destination: server.serverName as never, content }
  const headers = { Authorization: buildXMatrix(signed, peer.signer), 'Content-Type': 'application/json' }
  const text = JSON.stringify(body)
  const reply = await request(`https://${server.serverName}${uri}`, { method: 'PUT', headers, body: text, dispatcher })
  if (reply.statusCode !== 200) throw new Error(await reply.body.text())
  await reply.body.dump()
}

async function openLine() {
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

async function measure(name: string, size: number, count: number): Promise<void> {
  const line = await openLine()
  const events = Array.from({ length: size * count }, (_, index) => line.say(`message ${index}`))
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  const times: number[] = []
  for (let from = 0; from < events.length; from += size) {
    const sentMs = performance.now()
    await send(events.slice(from, from + size))
    times.push(performance.now() - sentMs)
  }
  const tookMs = performance.now() - startMs
  const { user, system } = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  console.log(
    JSON.stringify({
      ...{ bench: name, perSecond: Math.round((events.length * 1000) / tookMs) },
      cpuMicros: Math.round((user + system) / events.length),
      p50Ms: Math.round(times[times.length >> 1]! * 10) / 10,
    }),
  )
}

/** One event arrives, and all before it must be asked for: how long until the last is there. */
async function measureGap(count: number): Promise<void> {
  const line = await openLine()
  for (let index = 0; index < count; index++) line.say(`${index}`)
  const last = line.say('last')
  answerFrom(peer, line)
  const startMs = performance.now()
  await send([last])
  await waitFor('the last', async () => {
    const stored = await server.program.components.rooms.findEvent(last.eventId)
    return stored?.outcome === 0 ? true : undefined
  })
  console.log(JSON.stringify({ bench: `a gap of ${count} events`, tookMs: Math.round(performance.now() - startMs) }))
}

await measure('warm up', 50, 20)
await measure('events in transactions of 50', 50, 100)
await measure('events one by one', 1, 500)
await measureGap(1000)
await peer.close()
await dispatcher.close()
await server.close()
