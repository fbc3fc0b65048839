"""What operations do to the things of a mock, and what they answer.

Where the shapes of the document do not say it, or the schema refuses what came of it, there is no answer here and the example stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from contract import names
from contract.mocking.collections import Things
from contract.mocking.example_response import Said, echoed, read
from contract.mocking.listing import counted, matching, page
from contract.mocking.new_items import CREATED, changed, made
from contract.mocking.roles import Kind, Role, Step
from contract.mocking.shapes import Place, value_at, with_value
from contract.mocking.state import State
from contract.mocking.store import Scope, Thing
from contract.openapi.operations import PATH_PARAMETER, Json
from contract.runtime.parameters import outside_path
from contract.runtime.platform import EncodedResponse, HandlerRequest, log
from contract.runtime.problems import Problem
from contract.runtime.responses import documented

MISSING = 404


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for what an operation does."""

    state: State
    request: HandlerRequest
    role: Role
    values: tuple[str, ...]
    said: Said

    @property
    def things(self) -> Things | None:
        """The kind of things it is about, None where there is none with ids."""
        found = self.state.things(self.role.collection) if self.role.collection else None
        return found if found is not None and found.identity is not None else None

    @property
    def scope(self) -> Scope:
        """Where the things are that it is about."""
        own = self.role.steps[-1] if self.role.kind in ON_ONE else None
        inside = tuple(self.values[index] for index in own.scope) if own else self.values
        assert self.role.collection is not None
        return self.state.open(self.role.collection, inside)

    @property
    def thing(self) -> Thing | None:
        """The thing that the path ends with."""
        return self.state.thing(self.role.steps[-1], self.values) if self.role.steps else None

    def queried(self) -> tuple[Json, Json]:
        """(every parameter beside the path by the document's name, those that were sent)."""
        known = [(one.name, one.location) for one in outside_path(self.request.operation)]
        keys = zip(names.parameter_keys(known), known, strict=True)
        found = {name: self.request.parameters[key] for key, (name, _) in keys if key in self.request.parameters}
        sent = parse_qs(self.request.environ.get("QUERY_STRING", ""), keep_blank_values=True)
        return found, {name: value for name, value in found.items() if name in sent}


ON_ONE = {Kind.SHOW, Kind.UPDATE, Kind.REPLACE, Kind.DELETE}


def answer(state: State, request: HandlerRequest) -> EncodedResponse | None:
    """The answer to a checked request, None for the example. Raises Problem 404 for what is not there, where that is documented."""
    role = state.role(request.operation)
    values = tuple(map(str, request.path))
    for step in role.steps[:-1] if role.kind is Kind.REPLACE else role.steps:
        if state.thing(step, values) is None and state.things(step.collection).identity is not None:
            _missing(request, step, values)
            return None
    said = state.say(request.operation)
    return DOES[role.kind](Asked(state, request, role, values, said)) if said else None


def _missing(request: HandlerRequest, step: Step, values: tuple[str, ...]) -> None:
    if documented(request.operation.responses, MISSING) is not None:
        raise Problem(MISSING, "not_found", f"There is no {step.collection.noun.replace('_', ' ')} {values[step.position][:100]}")


def create(asked: Asked) -> EncodedResponse | None:
    """A new thing of what was sent; under an id of its own, where the sender does not say it."""
    things, operation = asked.things, asked.request.operation
    place = things.place_in(asked.said) if things else None
    if things is None or place is None:
        return act(asked)
    scope, store = asked.scope, asked.state.store
    name = str(things.identity)
    sent, writable = things.sent(asked.request.sent), things.writable(operation)
    id_ = sent.get(name) if name in writable else None
    if id_ is None:
        id_ = things.fresh(asked.said, (*place, name), lambda wanted: store.get(scope, wanted) is not None)
    body = None if id_ is None else asked.said.with_item(value := made(sent, writable, things.item) | {name: id_}, place)
    if body is None:
        _tell(asked, "nothing that the schema allows came of what was posted")
        return None
    store.put(scope, Thing(str(id_), value | read(body, place)))
    return _located(asked.said.encode(echoed(body, _parameters(asked), {})), str(id_))


def _located(encoded: EncodedResponse, id_: str) -> EncodedResponse:
    """The answer whose `Location`, if it has one, ends with the id."""
    fields = {name.lower(): value for name, value in encoded.headers}
    if "location" not in fields:
        return encoded
    place = f"{fields['location'].rpartition('/')[0]}/{quote(id_, safe='')}"
    return encoded._replace(headers=[(name, place if name.lower() == "location" else value) for name, value in encoded.headers])


def list_(asked: Asked) -> EncodedResponse | None:
    """The things, newest first, filtered and cut to a page."""
    things, said = asked.things, asked.said
    place = things.place_in(said) if things else None
    if place is None:
        return act(asked)
    every, sent = asked.queried()
    found = page(matching(asked.state.store.all(asked.scope), sent), {names.snake(name): value for name, value in every.items()})
    rows = [_row(one, said, place) for one in found.things]
    body = said.mended(counted(with_value(said.body, place, rows), place, found))
    if body is None:
        _tell(asked, "the schema does not allow the list of what is there")
        return None
    return said.encode(body)


def _row(thing: Thing, said: Said, place: Place) -> Json:
    if said.operation.id not in thing.rows:
        thing.rows[said.operation.id] = said.row(thing.value, place)
    return thing.rows[said.operation.id]


def show(asked: Asked) -> EncodedResponse | None:
    """The thing."""
    thing, said = asked.thing, asked.said
    if thing is None:
        return None
    if said.operation.id not in thing.answers:
        found = _about(asked, thing.value)
        if found is None:
            return None
        thing.answers[said.operation.id] = found
    return thing.answers[said.operation.id]


def update(asked: Asked) -> EncodedResponse | None:
    """The thing with what was sent in it."""
    things, thing = asked.things, asked.thing
    if things is None or thing is None:
        return None
    value = changed(thing.value, things.sent(asked.request.sent), things.item) | {str(things.identity): thing.value[str(things.identity)]}
    asked.state.store.put(asked.scope, Thing(thing.id, value))
    return _about(asked, value)


def replace(asked: Asked) -> EncodedResponse | None:
    """Another thing in its place, or a new one under that id, unless the document says that there must be one."""
    things, thing, operation = asked.things, asked.thing, asked.request.operation
    if things is None:
        return None
    if thing is None and "201" not in operation.responses:
        _missing(asked.request, asked.role.steps[-1], asked.values)
    name = str(things.identity)
    value = made(things.sent(asked.request.sent), things.writable(operation), things.item)
    old = thing.value if thing else {name: asked.request.path[-1]}
    value |= {key: one for key, one in old.items() if key == name or CREATED.fullmatch(key)}
    asked.state.store.put(asked.scope, Thing(asked.values[-1], value))
    return _about(asked, value)


def delete(asked: Asked) -> EncodedResponse | None:
    """No such thing any more, nor what was kept below it."""
    _remove(asked, [asked.values[-1]])
    return _echo(asked)


def clear(asked: Asked) -> EncodedResponse | None:
    """Without the things that the query names; all of them where the operation has no parameters."""
    if asked.things is None:
        return _echo(asked)
    every, sent = asked.queried()
    found: Sequence[Thing] = asked.state.store.all(asked.scope)
    if every or any(one.location == "query" for one in asked.request.operation.parameters):
        found = matching(found, sent) if sent else []
        if sent and not found and documented(asked.request.operation.responses, MISSING) is not None:
            raise Problem(MISSING, "not_found", "There is none of these")
    _remove(asked, [one.id for one in found])
    return _echo(asked)


def _remove(asked: Asked, ids: Sequence[str]) -> None:
    scope, collection = asked.scope, asked.role.collection
    for id_ in ids:
        asked.state.store.remove(scope, id_)
        if collection is not None and collection.key:
            asked.state.store.remove_below(f"{collection.path}/{{{collection.key}}}", (*scope[1:], id_))


def act(asked: Asked) -> EncodedResponse | None:
    """The example, about the thing that the path names; an answer that names new things makes them."""
    things, thing = asked.things, asked.thing
    place = things.place_in(asked.said) if things else None
    if things is None or thing is None or asked.role.kind is not Kind.ACT or not place or place[-1] != things.collection.noun:
        return _echo(asked)  # what else has an id there may be another thing
    example, usual = read(asked.said.body, place), things.item.example
    if example.get(str(things.identity)) == usual.get(str(things.identity)):
        # Of one thing the example of this answer and that of the thing differ in what the action does, as in `status: paused`.
        does = {name: value for name, value in example.items() if name in usual and usual[name] != value}
        if does and asked.request.operation.method != "get":
            thing = Thing(thing.id, thing.value | does)
            scope = tuple(asked.values[index] for index in asked.role.steps[-1].scope)
            asked.state.store.put(asked.state.open(things.collection, scope), thing)
    return _about(asked, thing.value)


def _about(asked: Asked, value: Json) -> EncodedResponse | None:
    """The answer about a thing."""
    things, said = asked.things, asked.said
    place = things.place_in(said) if things else None
    if place is None:
        return _echo(asked)
    body = said.with_item(value, place)
    if body is None:
        _tell(asked, "the schema does not allow the thing")
        return None
    return said.encode(body)


def _echo(asked: Asked) -> EncodedResponse:
    """The example with the ids of this request in it."""
    said = asked.said
    body = echoed(said.body, _parameters(asked), _ids(asked))
    for link, collection in asked.state.made_elsewhere(said.operation):
        body = _make(asked, body, link.location, asked.state.things(collection))
    return said.encode(body) if body is not said.body and said.fits(body) else said.encoded


def _make(asked: Asked, body: Any, place: Place, things: Things) -> Any:
    """The body with a new id at a place, under which there is a thing of what was sent from now on."""
    scope, store = asked.state.open(things.collection, ()), asked.state.store
    written = value_at(body, place)
    is_new = written == value_at(asked.said.body, place)  # else another link's thing has the same id
    id_ = things.fresh(asked.said, place, lambda wanted: store.get(scope, wanted) is not None) if is_new else written
    if id_ is None or things.identity is None:
        return body
    sent = things.sent(asked.request.sent)
    store.put(scope, Thing(str(id_), made(sent, {}, things.item) | {things.identity: id_}))
    return with_value(body, place, id_)


def _parameters(asked: Asked) -> Json:
    return dict(zip(PATH_PARAMETER.findall(asked.request.operation.path), asked.request.path, strict=True))


def _ids(asked: Asked) -> Json:
    """The ids of the example's things -> those of the things that the path names."""
    kinds = [(asked.state.things(step.collection), step) for step in asked.role.steps]
    samples = [(things.item.example.get(things.identity), asked.values[step.position]) for things, step in kinds if things.identity]
    return {sample: value for sample, value in samples if isinstance(sample, str)}


def _tell(asked: Asked, reason: str) -> None:
    log.warning("%s: %s; the example answers", asked.request.operation.id, reason)


DOES: dict[Kind, Callable[[Asked], EncodedResponse | None]] = {
    Kind.CREATE: create,
    Kind.LIST: list_,
    Kind.CLEAR: clear,
    Kind.SHOW: show,
    Kind.UPDATE: update,
    Kind.REPLACE: replace,
    Kind.DELETE: delete,
    Kind.ACT: act,
}
