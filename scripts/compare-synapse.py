"""Judges room graphs with Synapse's own code, as a second opinion.

Reads one JSON object a line from standard input, writes one a line to standard output. A request is a room graph:
    {"version": "11", "events": [{"id": "$...", "pdu": {...}}], "detail": false}
in an order in which every event stands after those it names. The answer has, for each event in that order: the event ID
that Synapse makes, its verdicts (on the list of auth events, by the state of the auth events, by the state before the
event), a digest of the state before it and the redacted event; or why Synapse cannot read the event at all. The given ID
is used for such events only. Nothing here is part of the server.
"""

import hashlib
import json
import logging
import sys

from synapse import event_auth
from synapse.api.errors import AuthError, SynapseError
from synapse.api.room_versions import KNOWN_ROOM_VERSIONS
from synapse.events import make_event_from_dict
from synapse.events.utils import prune_event
from synapse.state import v1, v2
from synapse.storage.databases.main.event_federation import StateDifference

logging.disable(logging.CRITICAL)


class Clock:
    async def sleep(self, _duration):
        return None


def run(coroutine):
    """The result of a coroutine that never really waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("the coroutine waits for something")


class Store:
    """The events of one graph, with their auth chains as bit masks: plain set arithmetic, straight from the text."""

    def __init__(self):
        self.events = {}
        self.order = []
        self.masks = {}

    def add(self, event):
        mask = 1 << len(self.order)
        self.order.append(event.event_id)
        for auth_id in auth_ids_of(event):
            mask |= self.masks.get(auth_id, 0)
        self.masks[event.event_id] = mask
        self.events[event.event_id] = event

    async def get_events(self, event_ids, redact_behaviour=None, get_prev_content=False, allow_rejected=False):
        return {id: self.events[id] for id in event_ids if id in self.events}

    def ids(self, mask):
        return {id for index, id in enumerate(self.order) if mask >> index & 1}

    async def get_auth_chain_difference(self, room_id, state_sets, conflicted_state, additional):
        union, common = 0, -1
        for state in state_sets:
            chain = 0
            for id in state:
                chain |= self.masks[id]
            union |= chain
            common &= chain
        subgraph = None
        if conflicted_state is not None:
            ends, below = 0, 0
            for id in conflicted_state:
                ends |= 1 << self.order.index(id)
                below |= self.masks[id]
            subgraph = {id for id in self.ids(below) if self.masks[id] & ends}
        return StateDifference(auth_difference=self.ids(union & ~common), conflicted_subgraph=subgraph)


def auth_ids_of(event):
    """The event's auth events; none where Synapse refuses to name them (v12, the create event among them)."""
    try:
        return list(event.auth_event_ids())
    except RuntimeError:
        return []


def verdict(check):
    """None if the check passes, else why not. Whatever is raised refuses the event, bugs included."""
    try:
        check()
        return None
    except (AuthError, SynapseError) as error:
        return "refused: %s" % (error.msg,)
    except Exception as error:
        return "raised: %r" % (error,)


class Room:
    def __init__(self, version):
        self.version = KNOWN_ROOM_VERSIONS[version]
        self.store = Store()
        self.state_after = {}
        self.create = None

    def resolve(self, states):
        if len(states) == 1:
            return states[0]
        distinct = [dict(items) for items in {frozenset(state.items()) for state in states}]
        if len(distinct) == 1:
            return distinct[0]
        room_id = self.create.room_id
        if self.version.identifier == "1":
            return dict(
                run(v1.resolve_events_with_store(room_id, self.version, distinct, None, self.store.get_events))
            )
        return dict(
            run(v2.resolve_events_with_store(Clock(), room_id, self.version, distinct, None, self.store))
        )

    def auth_state(self, ids):
        events = [self.store.events[id] for id in ids if id in self.store.events]
        return [event for event in events if event.is_state()]

    def before(self, prev):
        if not prev:
            return {}
        return self.resolve([self.state_after[id] for id in prev])

    def judge(self, event, before):
        def by_list():
            run(event_auth.check_state_independent_auth_rules(self.store, event))

        def by_auth():
            event_auth.check_state_dependent_auth_rules(event, self.auth_state(event.auth_event_ids()))

        def by_state():
            keys = event_auth.auth_types_for_event(self.version, event)
            event_auth.check_state_dependent_auth_rules(
                event, self.auth_state([before[key] for key in keys if key in before])
            )

        if event.type == "m.room.create":
            return [verdict(by_list), None, None]
        return [verdict(by_list), verdict(by_auth), verdict(by_state)]

    def add(self, request, detail):
        pdu = request["pdu"]
        try:
            event = make_event_from_dict(pdu, self.version)
        except SynapseError as error:
            self.state_after[request["id"]] = self.before([id for id in pdu["prev_events"]])
            return {"unreadable": error.msg}
        if self.create is None:
            self.create = event
        before = self.before(list(event.prev_event_ids()))
        verdicts = self.judge(event, before)
        if any(verdicts):
            event = make_event_from_dict(pdu, self.version, rejected_reason="auth")
        after = before
        if event.is_state() and not any(verdicts):
            after = dict(before)
            after[(event.type, event.state_key)] = event.event_id
        self.store.add(event)
        self.state_after[event.event_id] = after
        redacted = prune_event(event).get_dict()
        redacted.pop("unsigned", None)
        answer = {
            "id": event.event_id,
            "verdicts": verdicts,
            "state": digest(before),
            "redacted": json.dumps(redacted, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
        }
        if detail:
            answer["before"] = sorted([type, key, id] for (type, key), id in before.items())
        return answer


def digest(state):
    lines = sorted("%s\x00%s\x00%s" % (type, key, id) for (type, key), id in state.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def judge_graph(request):
    room = Room(request["version"])
    return {"events": [room.add(event, request.get("detail")) for event in request["events"]]}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = judge_graph(request)
        except Exception as error:
            answer = {"failed": "%s: %r" % (type(error).__name__, error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
