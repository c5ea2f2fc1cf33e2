/** Confirms an address by the button behind the link of a letter. */

import { endpoint } from '../../../http/index.ts'
import { confirmedPage, orRefused } from './confirm-page.ts'

const formBytesMax = 8192

export const confirm = endpoint(
  {
    method: 'POST',
    path: '/_parallax/email',
    auth: 'none',
    limit: 'login',
    bodyBytesMax: formBytesMax,
    spec: 'parallax#email',
  },
  async ({ users }, { bodyBytes }) => {
    const form = new URLSearchParams(Buffer.from(bodyBytes ?? []).toString('utf8'))
    const field = (name: string) => form.get(name) ?? ''
    const credentials = { sid: field('sid'), clientSecret: field('client_secret') }
    return orRefused(async () => confirmedPage((await users.confirmEmail(credentials, field('token'))).nextLink))
  },
)
