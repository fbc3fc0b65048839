"""What a mock remembers: things by where they were put, the newest last. Bounded: the oldest are forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from contract.openapi.operations import Json
from contract.runtime.platform import EncodedResponse

MOST_THINGS = 10_000
MOST_BYTES = 64_000_000
MOST_SCOPES = 10_000
Scope = tuple[str, ...]  # a collection's path and the values of its parameters


@dataclass(slots=True, eq=False)
class Thing:
    """One thing as it is now. It is never changed, only replaced; so what was made of it for an operation's answer stays right."""

    id: str
    value: Json
    is_seed: bool = False
    size: int = 0
    answers: dict[str, EncodedResponse] = field(default_factory=dict)
    rows: dict[str, Json] = field(default_factory=dict)


class Store:
    """Things by scope and id. Every method may be called from any thread."""

    def __init__(self, most_things: int = MOST_THINGS, most_bytes: int = MOST_BYTES) -> None:
        self._most_things, self._most_bytes = most_things, most_bytes
        self._scopes: OrderedDict[Scope, dict[str, Thing]] = OrderedDict()
        self._ages: OrderedDict[tuple[Scope, str], int] = OrderedDict()
        self._bytes = 0
        self._lock = threading.RLock()

    def open(self, scope: Scope) -> bool:
        """Make room for a scope; True at the first time."""
        with self._lock:
            if scope in self._scopes:
                return False
            self._scopes[scope] = {}
            if len(self._scopes) > MOST_SCOPES:
                oldest, things = self._scopes.popitem(last=False)
                for id_ in things:
                    self._bytes -= self._ages.pop((oldest, id_))
            return True

    def put(self, scope: Scope, thing: Thing) -> None:
        """Keep a thing, in place of the one of that id, which keeps its rank."""
        thing.size = 3 * len(msgspec.json.encode(thing.value)) + 500  # with what is made of it for answers
        with self._lock:
            self.open(scope)
            self._bytes += thing.size - self._ages.get((scope, thing.id), 0)
            self._ages[scope, thing.id] = thing.size
            self._scopes[scope][thing.id] = thing
            while len(self._ages) > self._most_things or self._bytes > self._most_bytes:
                (where, id_), size = self._ages.popitem(last=False)
                self._bytes -= size
                del self._scopes[where][id_]

    def get(self, scope: Scope, id_: str) -> Thing | None:
        """The thing of that id."""
        return self._scopes.get(scope, {}).get(id_)

    def all(self, scope: Scope) -> list[Thing]:
        """The things of a scope, the newest first."""
        with self._lock:
            return [*reversed(self._scopes.get(scope, {}).values())]

    def remove(self, scope: Scope, id_: str) -> None:
        """Forget a thing."""
        with self._lock:
            if self._scopes.get(scope, {}).pop(id_, None):
                self._bytes -= self._ages.pop((scope, id_))

    def remove_below(self, path: str, values: Scope) -> None:
        """Forget the scopes of what is kept below a thing, whose path and values are given."""
        with self._lock:
            for scope in [one for one in self._scopes if one[0].startswith(f"{path}/") and one[1 : len(values) + 1] == values]:
                for id_ in self._scopes.pop(scope):
                    self._bytes -= self._ages.pop((scope, id_))
