/** A scripted policy server: a peer that signs events, or refuses them as a test says. */

import assert from 'node:assert/strict'
import {
  createSigner,
  createSigningKey,
  type JsonObject,
  type JsonValue,
  requireRoomRules,
  type ServerName,
  signaturesOf,
  signEvent,
} from '@parallax/protocol'
import type { TestUser } from './in-process.ts'
import type { Peer, PeerAnswer, PeerRequest } from './peer.ts'

export type PolicyPeer = {
  readonly publicKey: string
  /** Bodies of the events that it was asked to sign, in order. */
  asked(): unknown[]
  /** What it says; a test may replace it. `undefined`: the connection is cut. */
  decide: (pdu: JsonObject) => PeerAnswer | undefined
  /** The reply that vouches for the event. */
  sign(pdu: JsonObject): PeerAnswer
  /** The event with its signature. */
  signed(pdu: JsonObject): JsonObject
}

export const signPath = '/_matrix/policy/v1/sign'

/** The peer becomes a policy server of rooms of that version; it says 400 M_FORBIDDEN to messages with `spam`. */
export function makePolicyServer(peer: Peer, version: string): PolicyPeer {
  const key = createSigningKey('policy_server', new Uint8Array(32).fill(77))
  const signer = createSigner(peer.name, key)
  const rules = requireRoomRules(version)
  const signed = (pdu: JsonObject) => signEvent(rules, pdu, signer)
  const pdus: JsonObject[] = []
  const policy: PolicyPeer = {
    publicKey: key.publicKey,
    asked: () => pdus.map(({ content }) => (content as JsonObject).body),
    decide: (pdu) => (bodyOf(pdu).includes('spam') ? refusal('M_FORBIDDEN', 'No spam here.') : policy.sign(pdu)),
    sign: (pdu) => {
      const signatures = { [key.keyId]: signaturesOf(signed(pdu), peer.name).get(key.keyId)! }
      return { status: 200, body: { [peer.name]: signatures } }
    },
    signed,
  }
  const answerOthers = peer.answer
  peer.answer = (request: PeerRequest) => {
    if (request.path !== signPath) return answerOthers(request)
    assert.equal(request.method, 'POST')
    pdus.push(request.body)
    return policy.decide(request.body)
  }
  return policy
}

function bodyOf({ content }: JsonObject): string {
  return String((content as JsonObject).body)
}

/** The answer of a server that refuses. */
export function refusal(errcode: string, error: string, status = 400): PeerAnswer {
  return { status, body: { errcode, error } as JsonValue }
}

/** The user names the policy server of a room. */
export function namePolicy(user: TestUser, roomId: string, via: string, ed25519: string): Promise<JsonObject> {
  const content = { via: via as ServerName, public_keys: { ed25519 } }
  return user.ok('PUT', `rooms/${encodeURIComponent(roomId)}/state/m.room.policy/`, content)
}
