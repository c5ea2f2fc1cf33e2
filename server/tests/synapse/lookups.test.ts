/** What users of ours and of Synapse can look up at the other: aliases, directories, profiles, spaces, media. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import { waitFor } from '../kit/wait-for.ts'
import { type AnyJson, createRoom, enterVia, findState, joinVia, type Pair, setState, startPair, ways } from './pair.ts'

let pair: Pair

before(async () => {
  pair = await startPair()
})

after(async () => {
  await pair?.close()
})

for (const { way, of } of ways) {
  test(`${way}: a room is found by its alias and in the public directory`, async () => {
    const { here, there } = of(pair)
    const localpart = `tea-${way.length}`
    const alias = `#${localpart}:${here.serverName}`
    const roomId = await createRoom(here, '11', { visibility: 'public', name: 'Tea room', room_alias_name: localpart })
    const found = await there.call('GET', `directory/room/${encodeURIComponent(alias)}`)
    assert.equal(found.room_id, roomId)
    assert.ok(found.servers.includes(here.serverName))
    const server = encodeURIComponent(here.serverName)
    // Synapse lists a room a moment after it was made, and repeats for minutes what it said where no filter was given.
    const search = { filter: { generic_search_term: 'tea' } }
    const listed = await waitFor('the room in the directory', async () => {
      const { chunk } = await there.call('POST', `publicRooms?server=${server}`, search)
      return chunk.find((room: AnyJson) => room.room_id === roomId)
    })
    assert.deepEqual([listed.name, listed.canonical_alias, listed.num_joined_members], ['Tea room', alias, 1])
    const none = { filter: { generic_search_term: 'coffee' } }
    assert.deepEqual((await there.call('POST', `publicRooms?server=${server}`, none)).chunk, [])
    assert.ok(Array.isArray((await there.call('GET', `publicRooms?server=${server}`)).chunk))
    assert.equal(await enterVia(there, alias, here), 200)
  })

  test(`${way}: profiles, and their changes in rooms`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(here, '11')
    await joinVia(there, roomId, here)
    const name = `Renamed ${way}`
    await here.call('PUT', `profile/${encodeURIComponent(here.userId)}/displayname`, { displayname: name })
    await waitFor('the name in the room', async () => {
      const member = await findState(there, roomId, 'm.room.member', here.userId)
      return member.displayname === name ? true : undefined
    })
    const profile = await there.call('GET', `profile/${encodeURIComponent(here.userId)}`)
    assert.equal(profile.displayname, name)
    const answer = await there.ask('GET', `profile/${encodeURIComponent(`@nobody:${here.serverName}`)}`)
    assert.equal(answer.status, 404)
    await answer.text()
  })

  test(`${way}: a space is walked through`, async () => {
    const { here, there } = of(pair)
    const space = await createRoom(here, '11', { creation_content: { type: 'm.space' }, name: 'Space' })
    const room = await createRoom(here, '11', { name: 'Within' })
    const hidden = await createRoom(here, '11', { name: 'Private', preset: 'private_chat' })
    for (const child of [room, hidden]) await setState(here, space, 'm.space.child', { via: [here.serverName] }, child)
    await joinVia(there, space, here)
    const rooms = await waitFor('the rooms of the space', async () => {
      const path = `/_matrix/client/v1/rooms/${encodeURIComponent(space)}/hierarchy`
      const answer = await there.call('GET', path)
      return answer.rooms.length > 1 ? answer.rooms : undefined
    })
    assert.deepEqual(
      rooms.map(({ room_id: id, name }: AnyJson) => [id, name]),
      [
        [space, 'Space'],
        [room, 'Within'],
      ],
    )
  })

  test(`${way}: a picture and its thumbnail`, async () => {
    const { here, there } = of(pair)
    const picture = await sharp({
      create: { width: 640, height: 480, channels: 3, background: way.startsWith('o') ? 'red' : 'blue' },
    })
      .png()
      .toBuffer()
    const uploaded = await here.ask('POST', '/_matrix/media/v3/upload?filename=a.png', picture, 'image/png')
    const { content_uri: uri }: AnyJson = await uploaded.json()
    const place = String(uri).slice('mxc://'.length)
    const file = await there.ask('GET', `/_matrix/client/v1/media/download/${place}`)
    assert.equal(file.status, 200)
    assert.equal(file.headers.get('content-type'), 'image/png')
    assert.deepEqual(Buffer.from(await file.arrayBuffer()), picture)
    const small = await there.ask('GET', `/_matrix/client/v1/media/thumbnail/${place}?width=96&height=96&method=scale`)
    assert.equal(small.status, 200)
    const { width = 0, height = 0 } = await sharp(Buffer.from(await small.arrayBuffer())).metadata()
    assert.ok(width <= 320 && height <= 240 && width > 0 && height > 0)
  })
}
