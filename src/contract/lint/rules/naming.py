"""Names: of operations, paths, schemas, properties and enum values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from contract.lint.changes import Insert, Remove
from contract.lint.lint_context import Contract, Schema
from contract.lint.registry import Spot, rule
from contract.openapi.operations import PATH_PARAMETER, Body, Json, Operation, Response, component_name, escape
from contract.runtime.media import essence, is_json

VERB_NOUN = re.compile(r"[a-z]+(_[a-z0-9]+)+")
SEGMENT = re.compile(r"[a-z0-9.]+(-[a-z0-9.]+)*")
CAMEL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*")
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@rule
def operation_has_an_id(operation: Operation) -> Iterator[Spot]:
    """An operation has an operationId."""
    if not operation.node.get("operationId"):
        named = Insert(operation.pointer, "operationId", operation.id, is_first=True)
        yield Spot(operation.pointer, f"{operation.method.upper()} {operation.path}", (named,))


@rule
def operation_ids_are_unique(contract: Contract) -> Iterator[Spot]:
    """An operationId names one operation."""
    first: dict[str, Operation] = {}
    for operation in contract.operations:
        other = first.setdefault(operation.id, operation)
        if other is not operation:
            yield Spot(f"{operation.pointer}/operationId", f"{operation.id} is also {other.method.upper()} {other.path}")


@rule
def operation_id_is_verb_and_noun(operation: Operation) -> Iterator[Spot]:
    """An operationId is a verb and a noun in snake_case.

    `list_contacts`, `rotate_domain`: the id becomes the name of the handler and of the SDK's method.
    """
    written = operation.node.get("operationId")
    if written and not VERB_NOUN.fullmatch(written):
        yield Spot(f"{operation.pointer}/operationId", written)


@rule
def path_is_lower_kebab(contract: Contract) -> Iterator[Spot]:
    """A path is in lower-kebab-case and does not end with a slash."""
    for path in contract.bundle.get("paths", {}):
        words = [PATH_PARAMETER.sub("x", word) for word in path.split("/")[1:]]
        if not (path == "/" or path.startswith("x-") or all(SEGMENT.fullmatch(word) for word in words)):
            yield Spot(f"/paths/{escape(path)}", path)


@rule
def path_parameters_match_the_template(operation: Operation) -> Iterator[Spot]:
    """The path parameters of an operation are those of its path."""
    wanted = set(PATH_PARAMETER.findall(operation.path))
    described = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "path"}
    for name in sorted(wanted - set(described)):
        yield Spot(operation.pointer, f"{name} is not described")
    for name in sorted(set(described) - wanted):
        yield Spot(described[name].pointer, f"{name} is not in {operation.path}")


@rule
def schema_name_is_plain(contract: Contract) -> Iterator[Spot]:
    """A schema has a name in CamelCase, without an ending such as Request or Data.

    `Contact`, `ContactCreate`, `ContactList`. A component with a body that is written in place gives its name to that body.
    lint.yaml: `schema_endings` lists the endings that say nothing.
    """
    endings = tuple(contract.settings.schema_endings)
    for pointer, name in _schema_names(contract):
        if not CAMEL_CASE.fullmatch(name) or (name.endswith(endings) and name not in endings):
            yield Spot(pointer, name)


def _schema_names(contract: Contract) -> Iterator[tuple[str, str]]:
    """The pointers and names of all schemas, and of the responses and request bodies that name their own."""
    components: Json = contract.bundle.get("components", {})
    for section in ("schemas", "responses", "requestBodies"):
        for name, node in components.get(section, {}).items():
            media = [] if section == "schemas" else node.get("content", {}).values()
            if section == "schemas" or any("$ref" not in one.get("schema", {"$ref": ""}) for one in media):
                yield f"/components/{section}/{escape(name)}", name


@rule
def schema_name_tells_its_use(contract: Contract) -> Iterator[Spot]:
    """The name of a body tells what it is of: `ContactCreate`, `ContactUpdate`, `ContactList`, `ContactDeleted`, `ContactResponse`.

    lint.yaml: `schema_words` has the word for the request of a `create_` and an `update_` operation, for the success of a `list_`,
    a `delete_` and any other operation (`response`), and for what a `webhook` is sent. Without a word nothing is asked. Others may
    follow it (`ContactUpdateByEmail`); the success of an operation that is neither list nor delete may have any of the three.
    """
    words = contract.settings.schema_words
    for operation in contract.operations:
        verb = operation.id.partition("_")[0]
        yield from _without_word(operation.body, {"create": [words.create], "update": [words.update]}.get(verb, []))
        wanted = {"list": [words.list], "delete": [words.delete]}.get(verb, [words.list, words.delete, words.response])
        for response in operation.responses.values():
            yield from _without_word(response, wanted if wanted[-1] and response.status.startswith("2") else [])
    for body in contract.webhook_bodies:
        yield from _without_word(body, [words.webhook])


def _without_word(holder: Body | Response | None, words: list[str]) -> Iterator[Spot]:
    """The JSON body of a holder where its name, its own or that of the component it is written in, has none of the words."""
    wanted = [word for word in words if word]
    if holder is None or not wanted:
        return
    for media_type, schema in holder.media.items():
        name = component_name(schema) or holder.component
        if name and is_json(essence(media_type)) and not any(re.search(rf"[a-z0-9]{word}(?![a-z])", name) for word in wanted):
            pointer = f"/components/schemas/{escape(name)}" if "$ref" in schema else holder.pointer
            yield Spot(pointer, f"{name} has no {' or '.join(wanted)}")


@rule
def property_is_snake_case(schema: Schema, contract: Contract) -> Iterator[Spot]:
    """A property is in snake_case, unless it is a deprecated alias."""
    for name, written in schema.value.get("properties", {}).items():
        deprecated = isinstance(written, dict) and (written.get("deprecated") or contract.resolve(written).get("deprecated"))
        if not (SNAKE_CASE.fullmatch(name) or deprecated or schema.is_refinement):
            yield Spot(f"{schema.pointer}/properties/{escape(name)}", name)


@rule
def query_parameter_is_snake_case(contract: Contract) -> Iterator[Spot]:
    """A query or path parameter is in snake_case, unless it is deprecated."""
    for node in contract.of("parameter"):
        if node.value["in"] in {"query", "path"} and not SNAKE_CASE.fullmatch(node.value["name"]) and not node.value.get("deprecated"):
            yield Spot(node.pointer, node.value["name"])


@rule
def enum_is_uniform(schema: Schema) -> Iterator[Spot]:
    """An enum has each value once, and its words one style.

    One style: all lower-case or all upper-case or all CamelCase, and words joined in one way.
    """
    values = schema.value.get("enum", [])
    words = [value for value in values if isinstance(value, str) and re.search(r"[A-Za-z]", value)]
    for index, value in enumerate(values):
        if any(value == other and type(value) is type(other) for other in values[:index]):
            where = f"{schema.pointer}/enum/{index}"
            yield Spot(where, f"{value} twice", (Remove(where),))
    for question in (_case, _joint):
        styles: dict[str, list[str]] = defaultdict(list)
        for word in words:
            styles[question(word)].append(word)
        styles.pop("", None)
        if len(styles) > 1:
            yield Spot(f"{schema.pointer}/enum", " and ".join(found[0] for found in styles.values()))


def _case(word: str) -> str:
    if word.islower():
        return "lower"
    return "upper" if word.isupper() else "mixed"


def _joint(word: str) -> str:
    return "".join(sign for sign in "_- " if sign in word)


@rule
def one_name_is_one_thing(contract: Contract) -> Iterator[Spot]:
    """Two things of one document do not share a name.

    Parts of several files were given numbered names in the bundle because their own name was taken; rename one of them.
    """
    for pointer in contract.document.renamed:
        yield Spot(pointer, pointer.rsplit("/", 1)[1])
