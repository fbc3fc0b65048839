"""A collection of a document: the field that is the id of its resources, the resources in examples, and new ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count
from typing import Any

from contract import example_values
from contract.mocking.envelopes import ResponsePart, ValuePath, at, item_path, list_path, part, part_paths, value_at, with_value
from contract.mocking.new_items import next_ids
from contract.mocking.operation_roles import ActionKind, Collection, ResourceLink, Role
from contract.mocking.response_template import ResponseTemplate, object_at
from contract.mocking.store import MockResource
from contract.names import snake
from contract.openapi.operations import Operation
from contract.openapi.references import Json, resolve
from contract.runtime.visibility import is_hidden

USUAL_ID_FIELDS = ("id", "_id", "uuid", "slug", "name", "code", "key")
MAX_ID_TRIES = 1000  # ids that may be taken or refused before no new one is given
TEMPLATE_ACTIONS = (ActionKind.SHOW, ActionKind.CREATE, ActionKind.REPLACE, ActionKind.UPDATE, ActionKind.LIST)


TemplateOf = Callable[[Operation], ResponseTemplate | None]


class MockCollection:
    """A collection with the templates of its operations. Everything is derived once, when it is first needed."""

    def __init__(
        self, collection: Collection, operations: dict[ActionKind, Operation], linked: Sequence[ResourceLink], template_of: TemplateOf
    ) -> None:
        self.collection = collection
        self._operations = operations
        self._links = [link for link in linked if link.parameter == collection.key]
        self._template_of = template_of
        self._numbers = count(1)
        self._list_id = operations[ActionKind.LIST].id if ActionKind.LIST in operations else None
        self._paths: dict[str, ValuePath | None] = {}
        self._writable: dict[str, Json] = {}

    def template(self, action: ActionKind) -> ResponseTemplate | None:
        """The documented response of one of its operations."""
        operation = self._operations.get(action)
        return self._template_of(operation) if operation else None

    @cached_property
    def identity(self) -> str | None:
        """The field with the id: one that links refer to, one named like the path's parameter, or a usual one."""
        key = snake(self.collection.key)
        linked = [link.path[-1] for link in self._links if not link.path[-1].isdigit()]
        for template in filter(None, map(self.template, TEMPLATE_ACTIONS)):
            parts = [current.element() if current.is_list else current for _, current in part_paths(template.root)]
            named_like_key = [name for current in parts for name in current.names if snake(name) == key]
            candidates = [name for name in (*linked, *named_like_key, *USUAL_ID_FIELDS) if self.path_in(template, name) is not None]
            if candidates:
                return candidates[0]
        return None

    def path_in(self, template: ResponseTemplate, identity: str | None = None) -> ValuePath | None:
        """The path of the resource, or of the list, in a response; None if it has none."""
        if identity is None:
            if template.operation.id not in self._paths:
                self._paths[template.operation.id] = self.path_in(template, self.identity) if self.identity else None
            return self._paths[template.operation.id]
        if self._list_id == template.operation.id:
            return list_path(template.root, identity, self.collection.plural)
        return item_path(template.root, identity, self.collection.noun)

    @cached_property
    def _views(self) -> list[tuple[ResponseTemplate, ResponsePart]]:
        """The resource in each response that holds it; responses with examples first."""
        with_paths = [(template, self.path_in(template)) for template in map(self.template, TEMPLATE_ACTIONS) if template]
        located = [(template, at(template.root, path)) for template, path in with_paths if path is not None]
        parts = [(template, part.element() if template.operation.id == self._list_id else part) for template, part in located]
        return sorted(parts, key=lambda view: not view[0].has_example)

    @cached_property
    def item(self) -> ResponsePart:
        """A resource as all responses together show it: the properties and the example's values of all of them."""
        schema: Json = {}
        for _, view in self._views:
            schema = {**view.schema, **schema, "properties": {**view.properties, **schema.get("properties", {})}}
        return ResponsePart(self._views[0][1].bundle if self._views else {}, schema, _merged_examples(self._views))

    @cached_property
    def _with_examples(self) -> list[ResponseTemplate]:
        """The templates with an example; all of them if none has one."""
        templates = [template for template, _ in self._views]
        return [candidate for candidate in templates if candidate.has_example] or templates

    def writable(self, operation: Operation) -> Json:
        """The schemas of the fields that a request may set, by name."""
        if operation.id not in self._writable:
            bodies = [part(self.item.bundle, schema, None) for schema in (operation.body.media if operation.body else {}).values()]
            properties = {
                name: property_schema for body in bodies for name, property_schema in self._resource_part(body).properties.items()
            }
            self._writable[operation.id] = {
                name: property_schema
                for name, property_schema in properties.items()
                if not is_hidden(self.item.bundle, property_schema, "request")
            }
        return self._writable[operation.id]

    def _resource_part(self, body: ResponsePart) -> ResponsePart:
        """The part of a request body that describes the resource, which may have an envelope as in responses."""
        return body.member(body.names[0]) if body.names in ([self.collection.noun], ["data"]) else body

    def sent_fields(self, body: Any) -> Json:
        """The fields of the resource in a request body."""
        fields = body if isinstance(body, dict) else {}
        wrapped = [fields[name] for name in (self.collection.noun, "data") if list(fields) == [name]]
        return wrapped[0] if wrapped and isinstance(wrapped[0], dict) else fields

    def new_id(self, template: ResponseTemplate, path: ValuePath, is_taken: Callable[[str], bool]) -> Any:
        """A new id that the schema accepts at a path; None if none is found."""
        example = value_at(template.body, path)
        for _ in range(MAX_ID_TRIES):
            for candidate in next_ids(example, next(self._numbers)):
                if not is_taken(str(candidate)) and template.fits(with_value(template.body, path, candidate)):
                    return candidate
        return None

    def seeds(self) -> list[MockResource]:
        """The resources that the document's examples show or refer to, which exist from the start."""
        if self.identity is None:
            return []
        sample = _merged_examples([view for view in self._views if view[0] in self._with_examples])
        values: dict[str, Json] = {}
        for value in [*self._referenced_ids(), *self._listed_resources(), *self._shown_resources()]:
            id_ = str(value[self.identity])
            values[id_] = {**values.get(id_, sample), **value}
        return [MockResource(id_, value, is_seed=True) for id_, value in values.items()]

    def _shown_resources(self) -> Iterator[Json]:
        template = self.template(ActionKind.SHOW)
        path = self.path_in(template) if template is not None and template in self._with_examples else None
        if template is not None and path is not None:
            yield from (resource for resource in [object_at(body, path) for body in _examples(template)] if self.identity in resource)

    def _listed_resources(self) -> Iterator[Json]:
        template = self.template(ActionKind.LIST)
        path = self.path_in(template) if template is not None and template in self._with_examples else None
        if template is not None and path is not None:
            yield from (
                resource
                for resource in reversed(value_at(template.body, path) or ())
                if isinstance(resource, dict) and self.identity in resource
            )

    def _referenced_ids(self) -> Iterator[Json]:
        """Ids in examples of parameters and in sources of links."""
        for action in (ActionKind.SHOW, ActionKind.UPDATE, ActionKind.DELETE):
            operation = self._operations.get(action)
            for parameter in operation.parameters if operation else ():
                if parameter.name == self.collection.key and ("example" in parameter.node or parameter.node.get("examples")):
                    yield {str(self.identity): example_values.example_value(self.item.bundle, parameter.node)}
        for link in self._links:
            template = self._template_of(link.source)
            value = value_at(template.body, link.path) if template else None
            if isinstance(value, str | int):
                yield {str(self.identity): value}


def _merged_examples(views: Iterable[tuple[ResponseTemplate, ResponsePart]]) -> Json:
    """One resource from all examples; the first ones win."""
    merged: Json = {}
    for _, view in views:
        merged = {**(view.example if isinstance(view.example, dict) else {}), **merged}
    return merged


def _examples(template: ResponseTemplate) -> Iterator[Any]:
    """Every example of the response, the first one last."""
    response = example_values.select_response(template.operation, None)
    named_examples = response.node["content"][example_values.preferred_media_type(response)].get("examples") or {}
    for raw_example in list(named_examples.values())[1:]:
        yield resolve(template.root.bundle, raw_example, "")[0].get("value")
    yield template.body


def operations_of(roles: dict[str, tuple[Operation, Role]], collection: Collection) -> dict[ActionKind, Operation]:
    """The operations of a collection, by their action."""
    return {role.kind: operation for operation, role in roles.values() if role.collection == collection and role.kind is not ActionKind.ACT}
