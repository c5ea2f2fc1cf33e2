/** The operations of Matrix v1.19, as its OpenAPI documents list them (spec-operations.json is a copy of that list). */

import { readFileSync } from 'node:fs'

export type Side = 'client-server' | 'server-server' | 'application-service' | 'push-gateway' | 'identity'

export type SpecOperation = {
  readonly side: Side
  readonly method: string
  readonly path: string
  readonly operationId: string
  /** `client-server/sync.yaml` */
  readonly file: string
  readonly auth: 'none' | 'token' | 'optional-token' | 'appservice-token' | 'homeserver-token' | 'signature'
  readonly deprecated?: boolean
  /** Set where an operation describes an endpoint a second time. */
  readonly variantOf?: string
}

/** All operations, in the specification's order, without second descriptions. */
export function readSpecOperations(): SpecOperation[] {
  const text = readFileSync(new URL('./spec-operations.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as SpecOperation[]).filter(({ variantOf }) => variantOf === undefined)
}

/** The anchor of an operation on its side's page: `get_matrixclientv3sync`. */
export function anchorOf(method: string, path: string): string {
  return `${method}${path}`.toLowerCase().replace(/[^a-z0-9_-]/g, '')
}

/** Equal for paths that differ only in the names of their parameters. */
export function shapeOf(method: string, path: string): string {
  return `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`
}

/** `roomState` and `room_state` → `room-state`. */
export function kebabOf(name: string): string {
  return name
    .replace(/_/g, '-')
    .replace(/(?<=[A-Z])([A-Z]+)s(?![a-z])/g, (letters) => letters.toLowerCase())
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
}
