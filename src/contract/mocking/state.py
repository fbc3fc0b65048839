"""What a mock knows and remembers: the document's kinds of things, what each operation does to them, and the things themselves."""

from __future__ import annotations

from collections.abc import Callable

from contract import examples
from contract.mocking.collections import Things, own_operations
from contract.mocking.example_response import Said
from contract.mocking.roles import Collection, Link, Role, Step, collections, links, roles
from contract.mocking.shapes import part
from contract.mocking.store import Scope, Store, Thing
from contract.openapi.operations import PATH_PARAMETER, Json, Operation, escape, operations
from contract.runtime.bodies import decode_json
from contract.runtime.media import essence, is_json
from contract.runtime.platform import EncodedResponse
from contract.runtime.validators import Validators

Example = Callable[[Operation], EncodedResponse]


class State:
    """The things of one document. What is asked of it is found out when it is first needed, and kept."""

    def __init__(self, bundle: Json, validators: Validators, example: Example, *, has_seeds: bool = True) -> None:
        """`example` gives the documented answer of an operation; with `has_seeds` the things it shows are there from the start."""
        self.store = Store()
        self._bundle = bundle
        self._validators = validators
        self._example = example
        self._has_seeds = has_seeds
        self._said: dict[str, Said | None] = {}
        every = list(operations(bundle))
        linked = list(links(bundle, every))
        found = collections(every, linked)
        given = roles(every, found)
        self._known = {one.id: (one, given[one.id]) for one in every}
        self._by_item = {f"{one.path}/{{{one.key}}}": one for one in found if one.key}
        self._things = {one: Things(one, own_operations(self._known, one), linked, self.say) for one in found}
        self._makes: dict[str, list[Link]] = {}
        for link in linked:
            if link.source.method == "post":
                self._makes.setdefault(link.source.id, []).append(link)

    def role(self, operation: Operation) -> Role:
        """What an operation does."""
        return self._known[operation.id][1]

    def things(self, collection: Collection) -> Things:
        """A kind of things."""
        return self._things[collection]

    def thing(self, step: Step, values: tuple[str, ...]) -> Thing | None:
        """The thing that a path names."""
        scope = self.open(step.collection, tuple(values[index] for index in step.scope))
        return self.store.get(scope, values[step.position])

    def made_elsewhere(self, operation: Operation) -> list[tuple[Link, Collection]]:
        """Links by which an answer names new things of other collections: what `POST /send` answers can be fetched as a message."""
        own = {step.collection for step in self.role(operation).steps} | {self.role(operation).collection}
        named = [(link, step) for link in self._makes.get(operation.id, ()) for step in self.role(link.target).steps]
        found = {(link.location, step.collection): link for link, step in named if step.collection.key == link.parameter}
        return [(link, collection) for (_, collection), link in found.items() if collection not in own and not collection.depth]

    def open(self, collection: Collection, inside: tuple[str, ...]) -> Scope:
        """The scope of a collection's things, at first with the example's things, unless it belongs to something newer than they are."""
        scope = (collection.path, *inside)
        if self.store.open(scope) and self._has_seeds and all(self._is_seed(step, inside) for step in self._above(collection)):
            for thing in self._things[collection].seeds():
                self.store.put(scope, thing)
        return scope

    def _above(self, collection: Collection) -> list[Step]:
        """The things that a collection's own path names."""
        found, position, before = [], 0, ""
        for segment in collection.path.split("/")[1:]:
            before += f"/{segment}"
            if before in self._by_item:
                found.append(Step(self._by_item[before], tuple(range(position)), position))
            position += len(PATH_PARAMETER.findall(segment))
        return found

    def _is_seed(self, step: Step, values: tuple[str, ...]) -> bool:
        thing = self.thing(step, values)
        return thing is not None and thing.is_seed

    def say(self, operation: Operation) -> Said | None:
        """What an operation's success is made of; None where it is something else than JSON."""
        if operation.id not in self._said:
            self._said[operation.id] = self._said_by(operation)
        return self._said[operation.id]

    def _said_by(self, operation: Operation) -> Said | None:
        response = examples.select_response(operation, None)
        encoded = self._example(operation)
        media_type = examples.preferred_media_type(response)
        if media_type is None:
            return Said(operation, encoded, part(self._bundle, {}, None), self._validators.compile({}))
        if not is_json(essence(media_type)):
            return None
        whole = part(self._bundle, response.media[media_type], decode_json(encoded.body))
        is_written = not {"example", "examples"}.isdisjoint(response.node["content"][media_type])
        validator = self._validators.at(f"{response.pointer}/content/{escape(media_type)}/schema")
        return Said(operation, encoded, whole, validator, is_written=is_written)
