/** What the command line asks of the running server; only for who can read the data folder. */

import { createHash, timingSafeEqual } from 'node:crypto'
import { MatrixError } from '../../../base/index.ts'
import { administerWith, adminRequestSchema } from '../../../flows/index.ts'
import { endpoint } from '../../../http/index.ts'

function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest())
  return timingSafeEqual(a!, b!)
}

export const control = endpoint(
  {
    method: 'POST',
    path: '/_parallax/control',
    auth: 'none',
    limit: 'login',
    body: adminRequestSchema,
    spec: 'parallax#control',
  },
  async ({ administration, control: { token } }, { body, headers }) => {
    if (!isSame(String(headers.authorization), `Bearer ${token}`)) {
      throw new MatrixError('M_FORBIDDEN', 'This is for the command line of this machine.')
    }
    const result = await administerWith(administration, body)
    return result === undefined ? {} : { result }
  },
)
