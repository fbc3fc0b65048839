"""The state of a mock: the document's collections, the role of each operation, and the resources."""

from __future__ import annotations

from collections.abc import Callable

from contract import example_values
from contract.mocking.collections import MockCollection, operations_of
from contract.mocking.envelopes import part
from contract.mocking.operation_roles import Collection, PathStep, ResourceLink, Role, collections, links, roles
from contract.mocking.response_template import ResponseTemplate
from contract.mocking.store import MockResource, ResourceStore, Scope
from contract.openapi.operations import PATH_PARAMETER, Operation, operations
from contract.openapi.references import Json, escape
from contract.runtime.bodies import decode_json
from contract.runtime.media import essence, is_json
from contract.runtime.platform import EncodedResponse
from contract.runtime.validators import Validators

ExampleOf = Callable[[Operation], EncodedResponse]


class MockState:
    """The resources of one document. Everything is derived when it is first needed, and cached."""

    def __init__(self, bundle: Json, validators: Validators, example: ExampleOf, *, has_seeds: bool = True) -> None:
        """`example` gives the documented response of an operation; with `has_seeds` the resources in examples exist from the start."""
        self.store = ResourceStore()
        self._bundle = bundle
        self._validators = validators
        self._example = example
        self._has_seeds = has_seeds
        self._templates: dict[str, ResponseTemplate | None] = {}
        all_operations = list(operations(bundle))
        all_links = list(links(bundle, all_operations))
        all_collections = collections(all_operations, all_links)
        all_roles = roles(all_operations, all_collections)
        self._operations = {operation.id: (operation, all_roles[operation.id]) for operation in all_operations}
        self._by_item = {f"{entry.path}/{{{entry.key}}}": entry for entry in all_collections if entry.key}
        self._collections = {
            entry: MockCollection(entry, operations_of(self._operations, entry), all_links, self.template) for entry in all_collections
        }
        self._creating_links: dict[str, list[ResourceLink]] = {}
        for link in all_links:
            if link.source.method == "post":
                self._creating_links.setdefault(link.source.id, []).append(link)

    def role(self, operation: Operation) -> Role:
        """The role of an operation."""
        return self._operations[operation.id][1]

    def collection(self, collection: Collection) -> MockCollection:
        """The state of a collection."""
        return self._collections[collection]

    def resource(self, step: PathStep, values: tuple[str, ...]) -> MockResource | None:
        """The resource of a path step."""
        scope = self.open(step.collection, tuple(values[index] for index in step.scope))
        return self.store.get(scope, values[step.position])

    def created_elsewhere(self, operation: Operation) -> list[tuple[ResourceLink, Collection]]:
        """Links to new resources of other collections: the response of `POST /send` refers to a message that can be fetched."""
        own_collections = {step.collection for step in self.role(operation).steps} | {self.role(operation).collection}
        linked_steps = [(link, step) for link in self._creating_links.get(operation.id, ()) for step in self.role(link.target).steps]
        by_collection = {(link.path, step.collection): link for link, step in linked_steps if step.collection.key == link.parameter}
        return [
            (link, collection)
            for (_, collection), link in by_collection.items()
            if collection not in own_collections and not collection.depth
        ]

    def open(self, collection: Collection, values: tuple[str, ...]) -> Scope:
        """The scope of a collection. It starts with the example's resources, unless its owner is newer than they are."""
        scope = (collection.path, *values)
        if self.store.open(scope) and self._has_seeds and all(self._is_seed(step, values) for step in self._owner_steps(collection)):
            for resource in self._collections[collection].seeds():
                self.store.put(scope, resource)
        return scope

    def _owner_steps(self, collection: Collection) -> list[PathStep]:
        """The resources in a collection's path."""
        steps, position, prefix = [], 0, ""
        for segment in collection.path.split("/")[1:]:
            prefix += f"/{segment}"
            if prefix in self._by_item:
                steps.append(PathStep(self._by_item[prefix], tuple(range(position)), position))
            position += len(PATH_PARAMETER.findall(segment))
        return steps

    def _is_seed(self, step: PathStep, values: tuple[str, ...]) -> bool:
        resource = self.resource(step, values)
        return resource is not None and resource.is_seed

    def template(self, operation: Operation) -> ResponseTemplate | None:
        """The template of an operation's success; None if it is not JSON."""
        if operation.id not in self._templates:
            self._templates[operation.id] = self._make_template(operation)
        return self._templates[operation.id]

    def _make_template(self, operation: Operation) -> ResponseTemplate | None:
        response = example_values.select_response(operation, None)
        encoded = self._example(operation)
        media_type = example_values.preferred_media_type(response)
        if media_type is None:
            return ResponseTemplate(operation, encoded, part(self._bundle, {}, None), self._validators.compile({}))
        if not is_json(essence(media_type)):
            return None
        root = part(self._bundle, response.media[media_type], decode_json(encoded.body))
        has_example = not {"example", "examples"}.isdisjoint(response.node["content"][media_type])
        validator = self._validators.at(f"{response.pointer}/content/{escape(media_type)}/schema")
        return ResponseTemplate(operation, encoded, root, validator, has_example=has_example)
