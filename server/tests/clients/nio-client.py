"""A matrix-nio client that obeys its parent: one JSON command a line in, one JSON answer a line out.

Commands: login, create_room, join, wait_member, send, wait_text. Debian's packages python3-matrix-nio and python3-olm.
"""

import asyncio
import json
import sys
import tempfile

import nio

WAIT_SECONDS = 30


class Client:
    def __init__(self):
        self.nio = None
        self.texts = []
        self.syncing = None

    async def login(self, base_url, user_id, password):
        # The store holds the keys of this device; it is gone with the process.
        config = nio.AsyncClientConfig(encryption_enabled=True, store_sync_tokens=False)
        self.nio = nio.AsyncClient(base_url, user_id, store_path=tempfile.mkdtemp(prefix="nio-"), config=config)
        self.nio.add_event_callback(self.on_text, nio.RoomMessageText)
        self.nio.add_event_callback(self.on_undecrypted, nio.MegolmEvent)
        answer = require(await self.nio.login(password, device_name="nio"))
        require(await self.nio.sync(timeout=0, full_state=True))
        self.syncing = asyncio.create_task(self.sync_on())
        return {"deviceId": answer.device_id}

    async def sync_on(self):
        """Goes on whatever happens to the server."""
        while True:
            try:
                await self.nio.sync_forever(timeout=10_000, loop_sleep_time=10)
            except Exception as error:
                print(f"sync: {error!r}", file=sys.stderr)
                await asyncio.sleep(0.1)

    async def on_text(self, room, event):
        self.texts.append({"roomId": room.room_id, "body": event.body, "encrypted": event.decrypted})

    async def on_undecrypted(self, room, event):
        self.texts.append({"roomId": room.room_id, "body": None, "encrypted": True})

    async def create_room(self, invite):
        encryption = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
        preset = nio.RoomPreset.private_chat
        answer = require(await self.nio.room_create(invite=invite, initial_state=[encryption], preset=preset))
        await self.wait_room(answer.room_id)
        return {"roomId": answer.room_id}

    async def join(self, room_id):
        await wait("the invite", lambda: room_id in self.nio.invited_rooms or room_id in self.nio.rooms)
        require(await self.nio.join(room_id))
        await self.wait_room(room_id)
        return {}

    async def wait_room(self, room_id):
        await wait("the encrypted room", lambda: room_id in self.nio.rooms and self.nio.rooms[room_id].encrypted)

    async def wait_member(self, room_id, user_id):
        """Until this user is joined and the keys of their devices are here."""
        room = self.nio.rooms[room_id]
        await wait(f"{user_id}", lambda: user_id in room.users and user_id not in room.invited_users)
        await wait(f"the devices of {user_id}", lambda: any(self.nio.device_store.active_user_devices(user_id)))
        return {}

    async def send(self, room_id, body):
        content = {"msgtype": "m.text", "body": body}
        answer = require(await self.nio.room_send(room_id, "m.room.message", content, ignore_unverified_devices=True))
        return {"eventId": answer.event_id}

    async def wait_text(self, room_id, body):
        def found():
            return [text for text in self.texts if text["roomId"] == room_id and text["body"] == body]

        try:
            await wait(body, found)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; it has {self.texts}") from None
        return found()[0]


def require(answer):
    if isinstance(answer, nio.ErrorResponse):
        raise RuntimeError(str(answer))
    return answer


async def wait(what, holds):
    for _ in range(WAIT_SECONDS * 40):
        if holds():
            return
        await asyncio.sleep(0.025)
    raise TimeoutError(f"waited {WAIT_SECONDS} s in vain for {what}")


async def answer_one(client, line):
    command = json.loads(line)
    try:
        result = await getattr(client, command["do"])(**command["with"])
        return {"result": result}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


async def main():
    client = Client()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await answer_one(client, line)), flush=True)
    if client.nio is not None:
        client.syncing.cancel()
        await client.nio.close()


asyncio.run(main())
