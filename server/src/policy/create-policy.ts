/** Builds what asks policy servers and answers as one. Spec: server-server-api#policy-servers. */

import {
  addPolicySignature,
  buildPolicyReply,
  createSigner,
  isSignedByPolicyServer,
  type JsonObject,
  type JsonValue,
  type PolicyServer,
  type RoomEvent,
  type RoomRules,
  type ServerName,
  serverNameOf,
} from '@parallax/protocol'
import { createKeyedQueue, Lru, MatrixError } from '../base/index.ts'
import { RemoteError } from '../remote/index.ts'
import { explainFailure } from './explain-failure.ts'
import { policyLimits } from './limits.ts'
import type { Policy, PolicyDeps, PolicyQuestion } from './policy.ts'

type Ask = (rules: RoomRules, event: RoomEvent, server: ServerName) => Promise<JsonValue>

/** The component; a domain is a policy server if it has a key for that. */
export function createPolicy(deps: PolicyDeps): Policy {
  const sign = (question: PolicyQuestion) => signIfAllowed(deps, question)
  const ask = createAsk(deps, sign)
  return {
    sign,
    findPublicKey: (server) => deps.keys.get(server)?.publicKey,
    async requestSignature(rules, event, server) {
      if (isSignedByPolicyServer(rules, event.pdu, server)) return event
      const reply = await ask(rules, event, server.name)
      return { ...event, pdu: requireSigned(rules, event, server, reply) }
    },
  }
}

function requireSigned(rules: RoomRules, event: RoomEvent, server: PolicyServer, reply: JsonValue): JsonObject {
  const signed = addPolicySignature(rules, event.pdu, server, reply)
  if (signed !== undefined) return signed
  throw new MatrixError('M_UNKNOWN', `The policy server ${server.name} did not validly sign the event.`, {}, 502)
}

/** Its answer; few questions to one server at once, and none for a while after it did not answer. */
function createAsk({ calls, clock, domains, logger }: PolicyDeps, sign: Policy['sign']): Ask {
  const pausedUntilMs = new Lru<ServerName, number>(policyLimits.pausedMax)
  const lanes = createKeyedQueue<string>()
  let asked = 0
  const askNow: Ask = async (_rules, event, destination) => {
    if ((pausedUntilMs.get(destination) ?? 0) > clock.nowMs()) throw explainFailure(destination, undefined)
    const ofSender = serverNameOf(event.sender)
    const origin = domains.isLocal(ofSender) ? ofSender : domains.first
    try {
      return await calls.askPolicyServer({ origin, destination }, event)
    } catch (error) {
      if (!(error instanceof RemoteError) || error.kind === 'closed') throw error
      logger.info({ roomId: event.roomId, server: destination, err: error }, 'a policy server did not sign an event')
      if (isAway(error)) pausedUntilMs.set(destination, clock.nowMs() + policyLimits.pauseMs)
      throw explainFailure(destination, error)
    }
  }
  return (rules, event, server) => {
    if (domains.isLocal(server)) return sign({ rules, event, origin: server, server })
    asked++
    return lanes.run(`${server} ${asked % policyLimits.askedAtOnceMax}`, () => askNow(rules, event, server))
  }
}

/** True if it is not to be expected that it answers the next question. */
function isAway({ answer }: RemoteError): boolean {
  return answer === undefined || answer.status >= 500
}

async function signIfAllowed({ keys, judge, logger }: PolicyDeps, question: PolicyQuestion): Promise<JsonObject> {
  const { event, rules, server, origin } = question
  const key = keys.get(server)
  if (key === undefined) throw new MatrixError('M_FORBIDDEN', `${server} is named as policy server, but is none.`)
  const decision = await judge(question)
  if (decision.kind === 'allow') return buildPolicyReply(rules, event.pdu, createSigner(server, key))
  const { eventId, roomId } = event
  logger.info({ eventId, roomId, origin, harms: decision.harms }, 'an event was refused as policy server')
  const named = decision.harms.length > 0 ? { harms: [...decision.harms] } : {}
  throw new MatrixError('M_FORBIDDEN', decision.reason, named, 400)
}
