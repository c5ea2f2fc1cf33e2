/** The Matrix protocol core, pure: no I/O, no clock, no randomness, no async. */

export * from './ids.ts'
export * from './errors.ts'
export * from './json/json.ts'
export * from './event/room-event.ts'
export * from './auth/verdict.ts'
export * from './auth/refusal-rules.ts'
export * from './auth/auth-state.ts'
export * from './state/state-map.ts'
export * from './room-version/rules.ts'
