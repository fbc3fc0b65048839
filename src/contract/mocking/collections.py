"""One kind of things of a document: the field that is its id, the example's things, and new ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count
from typing import Any

from contract import examples
from contract.mocking.example_response import Said, read
from contract.mocking.new_items import advanced
from contract.mocking.roles import Collection, Kind, Link, Role
from contract.mocking.shapes import Part, Place, at, item_place, list_place, part, places, value_at, with_value
from contract.mocking.store import Thing
from contract.names import snake
from contract.openapi.operations import Json, Operation, resolve
from contract.runtime.visibility import is_hidden

USUAL = ("id", "_id", "uuid", "slug", "name", "code", "key")
TRIES = 1000  # ids that are taken or refused before there is no new one
SOURCES = (Kind.SHOW, Kind.CREATE, Kind.REPLACE, Kind.UPDATE, Kind.LIST)


Say = Callable[[Operation], Said | None]


class Things:
    """A collection with all that its operations say of it. What is asked of it is found out once, when it is first needed."""

    def __init__(self, collection: Collection, own: dict[Kind, Operation], linked: Sequence[Link], say: Say) -> None:
        self.collection = collection
        self._own = own
        self._links = [one for one in linked if one.parameter == collection.key]
        self._say = say
        self._numbers = count(1)
        self._list_id = own[Kind.LIST].id if Kind.LIST in own else None
        self._places: dict[str, Place | None] = {}
        self._writable: dict[str, Json] = {}

    def said(self, kind: Kind) -> Said | None:
        """The documented answer of one of its operations."""
        operation = self._own.get(kind)
        return self._say(operation) if operation else None

    @cached_property
    def identity(self) -> str | None:
        """The field that holds the id: what links name, what is called as the path's parameter, or what is usually one."""
        key = snake(self.collection.key)
        linked = [link.location[-1] for link in self._links if not link.location[-1].isdigit()]
        for said in filter(None, map(self.said, SOURCES)):
            inside = [one.each() if one.is_list else one for _, one in places(said.whole)]
            named = [name for one in inside for name in one.names if snake(name) == key]
            found = [name for name in (*linked, *named, *USUAL) if self.place_in(said, name) is not None]
            if found:
                return found[0]
        return None

    def place_in(self, said: Said, identity: str | None = None) -> Place | None:
        """Where an answer holds the thing, or the list of them; None where it does not."""
        if identity is None:
            if said.operation.id not in self._places:
                self._places[said.operation.id] = self.place_in(said, self.identity) if self.identity else None
            return self._places[said.operation.id]
        if self._list_id == said.operation.id:
            return list_place(said.whole, identity, self.collection.plural)
        return item_place(said.whole, identity, self.collection.noun)

    @cached_property
    def _views(self) -> list[tuple[Said, Part]]:
        """The thing in each answer that holds it; those with examples that somebody wrote first."""
        placed = [(said, self.place_in(said)) for said in map(self.said, SOURCES) if said]
        found = [(said, at(said.whole, place)) for said, place in placed if place is not None]
        parts = [(said, one.each() if said.operation.id == self._list_id else one) for said, one in found]
        return sorted(parts, key=lambda one: not one[0].is_written)

    @cached_property
    def item(self) -> Part:
        """A thing as the answers together show it: the properties and the example's values of all of them."""
        schema: Json = {}
        for _, one in self._views:
            schema = {**one.schema, **schema, "properties": {**one.named, **schema.get("properties", {})}}
        return Part(self._views[0][1].bundle if self._views else {}, schema, _joined(self._views))

    @cached_property
    def _told(self) -> list[Said]:
        """The answers whose examples somebody wrote; all, where nobody did."""
        views = [said for said, _ in self._views]
        return [one for one in views if one.is_written] or views

    def writable(self, operation: Operation) -> Json:
        """The schemas of what a request may say of a thing, by name."""
        if operation.id not in self._writable:
            bodies = [part(self.item.bundle, schema, None) for schema in (operation.body.media if operation.body else {}).values()]
            named = {name: one for body in bodies for name, one in self._sent(body).named.items()}
            self._writable[operation.id] = {name: one for name, one in named.items() if not is_hidden(self.item.bundle, one, "request")}
        return self._writable[operation.id]

    def _sent(self, body: Part) -> Part:
        """What a body says of the thing, which may be wrapped as in answers."""
        return body.member(body.names[0]) if body.names in ([self.collection.noun], ["data"]) else body

    def sent(self, body: Any) -> Json:
        """What was sent of a thing."""
        fields = body if isinstance(body, dict) else {}
        inner = [fields[name] for name in (self.collection.noun, "data") if list(fields) == [name]]
        return inner[0] if inner and isinstance(inner[0], dict) else fields

    def fresh(self, said: Said, place: Place, is_taken: Callable[[str], bool]) -> Any:
        """A new id that an answer may have at a place; None where none was found."""
        example = value_at(said.body, place)
        for _ in range(TRIES):
            for wanted in advanced(example, next(self._numbers)):
                if not is_taken(str(wanted)) and said.fits(with_value(said.body, place, wanted)):
                    return wanted
        return None

    def seeds(self) -> list[Thing]:
        """The things that the document's examples show or name, which are there from the start."""
        if self.identity is None:
            return []
        sample = _joined([view for view in self._views if view[0] in self._told])
        found: dict[str, Json] = {}
        for value in [*self._named(), *self._listed(), *self._shown()]:
            id_ = str(value[self.identity])
            found[id_] = {**found.get(id_, sample), **value}
        return [Thing(id_, value, is_seed=True) for id_, value in found.items()]

    def _shown(self) -> Iterator[Json]:
        said = self.said(Kind.SHOW)
        place = self.place_in(said) if said is not None and said in self._told else None
        if said is not None and place is not None:
            yield from (one for one in [read(body, place) for body in _examples(said)] if self.identity in one)

    def _listed(self) -> Iterator[Json]:
        said = self.said(Kind.LIST)
        place = self.place_in(said) if said is not None and said in self._told else None
        if said is not None and place is not None:
            yield from (one for one in reversed(value_at(said.body, place) or ()) if isinstance(one, dict) and self.identity in one)

    def _named(self) -> Iterator[Json]:
        """Ids that parameters' examples and links' sources name."""
        for kind in (Kind.SHOW, Kind.UPDATE, Kind.DELETE):
            operation = self._own.get(kind)
            for one in operation.parameters if operation else ():
                if one.name == self.collection.key and ("example" in one.node or one.node.get("examples")):
                    yield {str(self.identity): examples.example_value(self.item.bundle, one.node)}
        for link in self._links:
            said = self._say(link.source)
            value = value_at(said.body, link.location) if said else None
            if isinstance(value, str | int):
                yield {str(self.identity): value}


def _joined(views: Iterable[tuple[Said, Part]]) -> Json:
    """One thing of all examples; the first ones win."""
    found: Json = {}
    for _, one in views:
        found = {**(one.example if isinstance(one.example, dict) else {}), **found}
    return found


def _examples(said: Said) -> Iterator[Any]:
    """Every example of the answer, the first one last."""
    response = examples.select_response(said.operation, None)
    written = response.node["content"][examples.preferred_media_type(response)].get("examples") or {}
    for one in list(written.values())[1:]:
        yield resolve(said.whole.bundle, one, "")[0].get("value")
    yield said.body


def own_operations(found: dict[str, tuple[Operation, Role]], collection: Collection) -> dict[Kind, Operation]:
    """A collection's operations by what they do."""
    return {role.kind: one for one, role in found.values() if role.collection == collection and role.kind is not Kind.ACT}
