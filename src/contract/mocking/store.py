"""The store of a mock: resources by scope, the newest last. It is bounded: the oldest ones are removed first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

import msgspec

from contract.openapi.references import Json
from contract.runtime.platform import EncodedResponse

MAX_RESOURCES = 10_000
MAX_BYTES = 64_000_000
MAX_SCOPES = 10_000
Scope = tuple[str, ...]  # a collection's path and the values of its parameters


@dataclass(slots=True, eq=False)
class MockResource:
    """A resource in its current state. It is replaced and never changed, so that responses cached for it stay right."""

    id: str
    value: Json
    is_seed: bool = False
    size: int = 0
    responses: dict[str, EncodedResponse] = field(default_factory=dict)
    rows: dict[str, Json] = field(default_factory=dict)


class ResourceStore:
    """Resources by scope and id. All methods are thread-safe."""

    def __init__(self, max_resources: int = MAX_RESOURCES, max_bytes: int = MAX_BYTES) -> None:
        self._max_resources, self._max_bytes = max_resources, max_bytes
        self._scopes: OrderedDict[Scope, dict[str, MockResource]] = OrderedDict()
        self._ages: OrderedDict[tuple[Scope, str], int] = OrderedDict()
        self._bytes = 0
        self._lock = threading.RLock()

    def open(self, scope: Scope) -> bool:
        """Create a scope. Returns True the first time."""
        with self._lock:
            if scope in self._scopes:
                return False
            self._scopes[scope] = {}
            if len(self._scopes) > MAX_SCOPES:
                oldest, resources = self._scopes.popitem(last=False)
                for id_ in resources:
                    self._bytes -= self._ages.pop((oldest, id_))
            return True

    def put(self, scope: Scope, resource: MockResource) -> None:
        """Store a resource. One with the same id is replaced and keeps its rank."""
        resource.size = 3 * len(msgspec.json.encode(resource.value)) + 500  # with its cached responses
        with self._lock:
            self.open(scope)
            self._bytes += resource.size - self._ages.get((scope, resource.id), 0)
            self._ages[scope, resource.id] = resource.size
            self._scopes[scope][resource.id] = resource
            while len(self._ages) > self._max_resources or self._bytes > self._max_bytes:
                (oldest_scope, id_), size = self._ages.popitem(last=False)
                self._bytes -= size
                del self._scopes[oldest_scope][id_]

    def get(self, scope: Scope, id_: str) -> MockResource | None:
        """The resource with this id."""
        return self._scopes.get(scope, {}).get(id_)

    def all(self, scope: Scope) -> list[MockResource]:
        """The resources of a scope, the newest first."""
        with self._lock:
            return [*reversed(self._scopes.get(scope, {}).values())]

    def remove(self, scope: Scope, id_: str) -> None:
        """Remove a resource."""
        with self._lock:
            if self._scopes.get(scope, {}).pop(id_, None):
                self._bytes -= self._ages.pop((scope, id_))

    def remove_below(self, path: str, values: Scope) -> None:
        """Remove the scopes below a resource with this path and these values."""
        with self._lock:
            for scope in [
                candidate for candidate in self._scopes if candidate[0].startswith(f"{path}/") and candidate[1 : len(values) + 1] == values
            ]:
                for id_ in self._scopes.pop(scope):
                    self._bytes -= self._ages.pop((scope, id_))
