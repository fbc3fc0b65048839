"""The actions of operations on the resources of a mock, and their responses.

If the document does not show the shape of a response, or the schema refuses the result, the response is the example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote

from contract import names
from contract.mocking.collections import MockCollection
from contract.mocking.envelopes import ValuePath, value_at, with_value
from contract.mocking.listing import filtered, page, with_counts
from contract.mocking.new_items import CREATED, new_resource, patched
from contract.mocking.operation_roles import ActionKind, PathStep, Role
from contract.mocking.response_template import ResponseTemplate, object_at, with_request_values
from contract.mocking.state import MockState
from contract.mocking.store import MockResource, Scope
from contract.openapi.operations import PATH_PARAMETER
from contract.openapi.references import Json
from contract.runtime.parameters import outside_path
from contract.runtime.platform import EncodedResponse, HandlerRequest, log
from contract.runtime.problems import Problem
from contract.runtime.responses import documented

NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class MockCall:
    """A request to the mock."""

    state: MockState
    request: HandlerRequest
    role: Role
    values: tuple[str, ...]
    template: ResponseTemplate

    @property
    def collection(self) -> MockCollection | None:
        """The collection that the request is about; None if its resources have no ids."""
        mock_collection = self.state.collection(self.role.collection) if self.role.collection else None
        return mock_collection if mock_collection is not None and mock_collection.identity is not None else None

    @property
    def scope(self) -> Scope:
        """The scope of the resources that the request is about."""
        step = self.role.steps[-1] if self.role.kind in ITEM_KINDS else None
        scope_values = tuple(self.values[index] for index in step.scope) if step else self.values
        assert self.role.collection is not None
        return self.state.open(self.role.collection, scope_values)

    @property
    def resource(self) -> MockResource | None:
        """The resource at the end of the path."""
        return self.state.resource(self.role.steps[-1], self.values) if self.role.steps else None

    def query(self) -> tuple[Json, Json]:
        """(every parameter outside the path by the document's name, the ones that were sent)."""
        declared = [(parameter.name, parameter.location) for parameter in outside_path(self.request.operation)]
        keys = zip(names.parameter_keys(declared), declared, strict=True)
        by_name = {name: self.request.parameters[key] for key, (name, _) in keys if key in self.request.parameters}
        sent = parse_qs(self.request.environ.get("QUERY_STRING", ""), keep_blank_values=True)
        return by_name, {name: value for name, value in by_name.items() if name in sent}


ITEM_KINDS = {ActionKind.SHOW, ActionKind.UPDATE, ActionKind.REPLACE, ActionKind.DELETE}


def respond(state: MockState, request: HandlerRequest) -> EncodedResponse | None:
    """The response to a validated request, None for the example. Raises the documented Problem 404 for an unknown resource."""
    role = state.role(request.operation)
    values = tuple(map(str, request.path))
    for step in role.steps[:-1] if role.kind is ActionKind.REPLACE else role.steps:
        if state.resource(step, values) is None and state.collection(step.collection).identity is not None:
            _raise_not_found(request, step, values)
            return None
    template = state.template(request.operation)
    return ACTIONS[role.kind](MockCall(state, request, role, values, template)) if template else None


def _raise_not_found(request: HandlerRequest, step: PathStep, values: tuple[str, ...]) -> None:
    if documented(request.operation.responses, NOT_FOUND) is not None:
        raise Problem(NOT_FOUND, "not_found", f"There is no {step.collection.noun.replace('_', ' ')} {values[step.position][:100]}")


def create(call: MockCall) -> EncodedResponse | None:
    """Create a resource, under a new id unless the request has one."""
    collection, operation = call.collection, call.request.operation
    path = collection.path_in(call.template) if collection else None
    if collection is None or path is None:
        return run_action(call)
    scope, store = call.scope, call.state.store
    name = str(collection.identity)
    sent, writable = collection.sent_fields(call.request.sent), collection.writable(operation)
    id_ = sent.get(name) if name in writable else None
    if id_ is None:
        id_ = collection.new_id(call.template, (*path, name), lambda candidate: store.get(scope, candidate) is not None)
    body = None if id_ is None else call.template.with_item(value := new_resource(sent, writable, collection.item) | {name: id_}, path)
    if body is None:
        _log_fallback(call, "the schema refuses the new resource")
        return None
    store.put(scope, MockResource(str(id_), value | object_at(body, path)))
    return _with_location(call.template.encode(with_request_values(body, _parameters(call), {})), str(id_))


def _with_location(encoded: EncodedResponse, id_: str) -> EncodedResponse:
    """The response; its `Location`, if any, ends with the id."""
    fields = {name.lower(): value for name, value in encoded.headers}
    if "location" not in fields:
        return encoded
    location = f"{fields['location'].rpartition('/')[0]}/{quote(id_, safe='')}"
    return encoded._replace(headers=[(name, location if name.lower() == "location" else value) for name, value in encoded.headers])


def list_(call: MockCall) -> EncodedResponse | None:
    """The resources, newest first, filtered and cut to a page."""
    collection, template = call.collection, call.template
    path = collection.path_in(template) if collection else None
    if path is None:
        return run_action(call)
    parameters, sent = call.query()
    shown_page = page(filtered(call.state.store.all(call.scope), sent), {names.snake(name): value for name, value in parameters.items()})
    rows = [_row(resource, template, path) for resource in shown_page.resources]
    body = template.repaired(with_counts(with_value(template.body, path, rows), path, shown_page))
    if body is None:
        _log_fallback(call, "the schema refuses the list of resources")
        return None
    return template.encode(body)


def _row(resource: MockResource, template: ResponseTemplate, path: ValuePath) -> Json:
    if template.operation.id not in resource.rows:
        resource.rows[template.operation.id] = template.row(resource.value, path)
    return resource.rows[template.operation.id]


def show(call: MockCall) -> EncodedResponse | None:
    """The resource."""
    resource, template = call.resource, call.template
    if resource is None:
        return None
    if template.operation.id not in resource.responses:
        response = _resource_response(call, resource.value)
        if response is None:
            return None
        resource.responses[template.operation.id] = response
    return resource.responses[template.operation.id]


def update(call: MockCall) -> EncodedResponse | None:
    """Change the resource by the sent fields."""
    collection, resource = call.collection, call.resource
    if collection is None or resource is None:
        return None
    value = patched(resource.value, collection.sent_fields(call.request.sent), collection.item) | {
        str(collection.identity): resource.value[str(collection.identity)]
    }
    call.state.store.put(call.scope, MockResource(resource.id, value))
    return _resource_response(call, value)


def replace(call: MockCall) -> EncodedResponse | None:
    """Replace the resource, or create it under this id unless the document says that it must exist."""
    collection, resource, operation = call.collection, call.resource, call.request.operation
    if collection is None:
        return None
    if resource is None and "201" not in operation.responses:
        _raise_not_found(call.request, call.role.steps[-1], call.values)
    name = str(collection.identity)
    value = new_resource(collection.sent_fields(call.request.sent), collection.writable(operation), collection.item)
    old = resource.value if resource else {name: call.request.path[-1]}
    value |= {key: member for key, member in old.items() if key == name or CREATED.fullmatch(key)}
    call.state.store.put(call.scope, MockResource(call.values[-1], value))
    return _resource_response(call, value)


def delete(call: MockCall) -> EncodedResponse | None:
    """Delete the resource and everything below it."""
    _remove(call, [call.values[-1]])
    return _example_response(call)


def clear(call: MockCall) -> EncodedResponse | None:
    """Delete the resources that the query selects; all of them if the operation has no parameters."""
    if call.collection is None:
        return _example_response(call)
    parameters, sent = call.query()
    selected: Sequence[MockResource] = call.state.store.all(call.scope)
    if parameters or any(parameter.location == "query" for parameter in call.request.operation.parameters):
        selected = filtered(selected, sent) if sent else []
        if sent and not selected and documented(call.request.operation.responses, NOT_FOUND) is not None:
            raise Problem(NOT_FOUND, "not_found", "The item does not exist")
    _remove(call, [item.id for item in selected])
    return _example_response(call)


def _remove(call: MockCall, ids: Sequence[str]) -> None:
    scope, collection = call.scope, call.role.collection
    for id_ in ids:
        call.state.store.remove(scope, id_)
        if collection is not None and collection.key:
            call.state.store.remove_below(f"{collection.path}/{{{collection.key}}}", (*scope[1:], id_))


def run_action(call: MockCall) -> EncodedResponse | None:
    """The example, about the resource in the path. A response that refers to new resources creates them."""
    collection, resource = call.collection, call.resource
    path = collection.path_in(call.template) if collection else None
    if collection is None or resource is None or call.role.kind is not ActionKind.ACT or not path or path[-1] != collection.collection.noun:
        return _example_response(call)  # another object with an id may be another resource
    example, item_example = object_at(call.template.body, path), collection.item.example
    if example.get(str(collection.identity)) == item_example.get(str(collection.identity)):
        # For one resource, this example and that of the resource differ in the effect of the action, such as `status: paused`.
        changes = {name: value for name, value in example.items() if name in item_example and item_example[name] != value}
        if changes and call.request.operation.method != "get":
            resource = MockResource(resource.id, resource.value | changes)
            scope = tuple(call.values[index] for index in call.role.steps[-1].scope)
            call.state.store.put(call.state.open(collection.collection, scope), resource)
    return _resource_response(call, resource.value)


def _resource_response(call: MockCall, value: Json) -> EncodedResponse | None:
    """The response about a resource."""
    collection, template = call.collection, call.template
    path = collection.path_in(template) if collection else None
    if path is None:
        return _example_response(call)
    body = template.with_item(value, path)
    if body is None:
        _log_fallback(call, "the schema refuses the resource")
        return None
    return template.encode(body)


def _example_response(call: MockCall) -> EncodedResponse:
    """The example with the ids of this request."""
    template = call.template
    body = with_request_values(template.body, _parameters(call), _ids(call))
    for link, collection in call.state.created_elsewhere(template.operation):
        body = _create_linked(call, body, link.path, call.state.collection(collection))
    return template.encode(body) if body is not template.body and template.fits(body) else template.encoded


def _create_linked(call: MockCall, body: Any, path: ValuePath, collection: MockCollection) -> Any:
    """The body with a new id at a path. A resource of the sent fields is created under it."""
    scope, store = call.state.open(collection.collection, ()), call.state.store
    current_id = value_at(body, path)
    is_new = current_id == value_at(call.template.body, path)  # else another link's resource has the same id
    id_ = collection.new_id(call.template, path, lambda candidate: store.get(scope, candidate) is not None) if is_new else current_id
    if id_ is None or collection.identity is None:
        return body
    sent = collection.sent_fields(call.request.sent)
    store.put(scope, MockResource(str(id_), new_resource(sent, {}, collection.item) | {collection.identity: id_}))
    return with_value(body, path, id_)


def _parameters(call: MockCall) -> Json:
    return dict(zip(PATH_PARAMETER.findall(call.request.operation.path), call.request.path, strict=True))


def _ids(call: MockCall) -> Json:
    """The ids of the example's resources -> those of the resources in the path."""
    collections = [(call.state.collection(step.collection), step) for step in call.role.steps]
    samples = [
        (collection.item.example.get(collection.identity), call.values[step.position])
        for collection, step in collections
        if collection.identity
    ]
    return {sample: value for sample, value in samples if isinstance(sample, str)}


def _log_fallback(call: MockCall, reason: str) -> None:
    log.warning("%s: %s; the response is the example", call.request.operation.id, reason)


ACTIONS: dict[ActionKind, Callable[[MockCall], EncodedResponse | None]] = {
    ActionKind.CREATE: create,
    ActionKind.LIST: list_,
    ActionKind.CLEAR: clear,
    ActionKind.SHOW: show,
    ActionKind.UPDATE: update,
    ActionKind.REPLACE: replace,
    ActionKind.DELETE: delete,
    ActionKind.ACT: run_action,
}
