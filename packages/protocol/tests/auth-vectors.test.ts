/** The authorisation rules against the vectors in `vectors/auth`. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AuthState, allow, type RoomEvent, type RoomRules, stateKeyOf } from '../src/index.ts'
import { eventOf, readVectorFiles, rulesOfRange, type VectorEvent } from './kit/event-vectors.ts'

type StateEntry = VectorEvent & { readonly absent?: boolean }
type Vector = {
  readonly name: string
  readonly versions: string
  readonly state?: readonly StateEntry[]
  readonly event: VectorEvent
  readonly allowed: boolean
  readonly rule?: string
  readonly authorising_server_signed?: boolean
}
type VectorFile = {
  readonly description: string
  readonly base: readonly StateEntry[]
  readonly vectors: readonly Vector[]
}

for (const { file, base, vectors } of readVectorFiles<VectorFile>('auth')) {
  for (const vector of vectors) {
    test(`${file} ${vector.versions}: ${vector.name}`, () => {
      for (const rules of rulesOfRange(vector.versions)) check(rules, base, vector)
    })
  }
}

function check(rules: RoomRules, base: readonly StateEntry[], vector: Vector): void {
  const state = new Map<string, RoomEvent>()
  for (const entry of [...base, ...(vector.state ?? [])]) {
    const key = stateKeyOf(entry.type, entry.state_key ?? '')
    if (entry.absent) state.delete(key)
    else state.set(key, eventOf(entry.type === 'm.room.create' ? { ...entry, event_id: '$create' } : entry))
  }
  const auth: AuthState = { get: (type, stateKey) => state.get(stateKeyOf(type, stateKey)) }
  const facts = {
    create: auth.get('m.room.create', ''),
    authorisingServerSigned: vector.authorising_server_signed ?? true,
  }
  const verdict = allow(rules, eventOf(vector.event), auth, facts)
  const found = verdict.ok ? 'allowed' : verdict.rule
  assert.equal(found, vector.allowed ? 'allowed' : vector.rule, `version ${rules.version}`)
}
