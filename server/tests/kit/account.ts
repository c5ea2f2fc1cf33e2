/** Accounts on a running server, made as a client makes them. */

export type TestAccount = {
  readonly userId: string
  readonly localpart: string
  readonly password: string
  readonly deviceId: string
  readonly accessToken: string
}

/** Registers a user with a first device; needs open registration. */
export async function registerAccount(baseUrl: string, localpart: string): Promise<TestAccount> {
  const password = `password of ${localpart}`
  const body = { username: localpart, password, auth: { type: 'm.login.dummy' } }
  return { ...(await post(`${baseUrl}/_matrix/client/v3/register`, body)), localpart, password }
}

/** The same account on a new device. */
export async function logIn(baseUrl: string, { localpart, password }: TestAccount): Promise<TestAccount> {
  const body = { type: 'm.login.password', identifier: { type: 'm.id.user', user: localpart }, password }
  return { ...(await post(`${baseUrl}/_matrix/client/v3/login`, body)), localpart, password }
}

async function post(url: string, body: object): Promise<{ userId: string; deviceId: string; accessToken: string }> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${text}`)
  const { user_id: userId, device_id: deviceId, access_token: accessToken } = JSON.parse(text)
  return { userId, deviceId, accessToken }
}
