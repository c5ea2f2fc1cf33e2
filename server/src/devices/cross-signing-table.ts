/** Rows of cross-signing keys, and of signatures that were added to keys later. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'

export type Usage = 'master' | 'self_signing' | 'user_signing'

/** `content` is JSON text as it was uploaded. */
export type CrossSigningRow = { readonly user: number; readonly usage: Usage; readonly content: string }

export async function listCrossSigning(reader: Reader, users: readonly number[]): Promise<CrossSigningRow[]> {
  const rows = await reader.all<{ user_number: number; usage: Usage; content: string }>`
    SELECT user_number, usage, content FROM cross_signing_key WHERE user_number IN ${anyOf(users)}`
  return rows.map(({ user_number: user, usage, content }) => ({ user, usage, content }))
}

export function upsertCrossSigning(tx: Writer, row: CrossSigningRow): void {
  tx.run`
    INSERT INTO cross_signing_key (user_number, usage, content) VALUES (${row.user}, ${row.usage}, ${row.content})
    ON CONFLICT (user_number, usage) DO UPDATE SET content = excluded.content`
}

export function removeCrossSigning(tx: Writer, user: number): void {
  tx.run`DELETE FROM cross_signing_key WHERE user_number = ${user}`
  tx.run`DELETE FROM key_signature WHERE user_number = ${user} OR signer = ${user}`
}

/** A signature by `signer` of a key of `user`; `target`: a device ID or the public part of a master key. */
export type SignatureRow = {
  readonly user: number
  readonly target: string
  readonly signer: number
  readonly keyId: string
  readonly signature: string
  readonly position: number
}

type RawSignature = {
  user_number: number
  target: string
  signer: number
  key_id: string
  signature: string
  position: number
}

function toSignature(row: RawSignature): SignatureRow {
  const { user_number: user, target, signer, key_id: keyId, signature, position } = row
  return { user, target, signer, keyId, signature, position }
}

/** Signatures by the users themselves. */
export async function listOwnSignatures(reader: Reader, users: readonly number[]): Promise<SignatureRow[]> {
  const rows = await reader.all<RawSignature>`
    SELECT user_number, target, signer, key_id, signature, position FROM key_signature
    WHERE user_number IN ${anyOf(users)} AND signer = user_number`
  return rows.map(toSignature)
}

/** Signatures by one user of keys of others. */
export async function listSignaturesBy(reader: Reader, signer: number): Promise<SignatureRow[]> {
  const rows = await reader.all<RawSignature>`
    SELECT user_number, target, signer, key_id, signature, position FROM key_signature
    WHERE signer = ${signer} AND user_number <> ${signer}`
  return rows.map(toSignature)
}

export function upsertSignature(tx: Writer, row: SignatureRow): void {
  tx.run`
    INSERT INTO key_signature (user_number, target, signer, key_id, signature, position)
    VALUES (${row.user}, ${row.target}, ${row.signer}, ${row.keyId}, ${row.signature}, ${row.position})
    ON CONFLICT (user_number, target, signer, key_id)
    DO UPDATE SET signature = excluded.signature, position = excluded.position`
}

/** Signatures of devices or keys that are gone. */
export function removeSignaturesOf(tx: Writer, user: number, targets: readonly string[]): void {
  tx.run`DELETE FROM key_signature WHERE user_number = ${user} AND target IN ${anyOf(targets)}`
}

/** Users other than the signer whose keys it signed at a position in (after, upTo]. */
export async function listSignedUsers(reader: Reader, signer: number, after: number, upTo: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT DISTINCT user_number FROM key_signature
    WHERE signer = ${signer} AND position > ${after} AND position <= ${upTo} AND user_number <> ${signer}`
  return rows.map((row) => row.user_number)
}
