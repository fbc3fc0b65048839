"""Rules for names: of operations, paths, schemas, properties and enum values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from contract.lint.changes import Insert, Remove
from contract.lint.lint_context import LintContext, Schema
from contract.lint.registry import RuleViolation, rule
from contract.openapi.operations import PATH_PARAMETER, Body, Operation, Response, component_name
from contract.openapi.references import Json, escape
from contract.runtime.media import essence, is_json

VERB_NOUN = re.compile(r"[a-z]+(_[a-z0-9]+)+")
SEGMENT = re.compile(r"[a-z0-9.]+(-[a-z0-9.]+)*")
CAMEL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*")
SNAKE_CASE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@rule
def operation_has_an_id(operation: Operation) -> Iterator[RuleViolation]:
    """An operation has an operationId."""
    if not operation.node.get("operationId"):
        insertion = Insert(operation.pointer, "operationId", operation.id, is_first=True)
        yield RuleViolation(operation.pointer, f"{operation.method.upper()} {operation.path}", (insertion,))


@rule
def operation_ids_are_unique(context: LintContext) -> Iterator[RuleViolation]:
    """An operationId names one operation."""
    first: dict[str, Operation] = {}
    for operation in context.operations:
        earlier = first.setdefault(operation.id, operation)
        if earlier is not operation:
            yield RuleViolation(f"{operation.pointer}/operationId", f"{operation.id} is also {earlier.method.upper()} {earlier.path}")


@rule
def operation_id_is_verb_and_noun(operation: Operation) -> Iterator[RuleViolation]:
    """An operationId is a verb and a noun in snake_case.

    `list_contacts`, `rotate_domain`: the id becomes the name of the handler and of the SDK's method.
    """
    operation_id = operation.node.get("operationId")
    if operation_id and not VERB_NOUN.fullmatch(operation_id):
        yield RuleViolation(f"{operation.pointer}/operationId", operation_id)


@rule
def path_is_lower_kebab(context: LintContext) -> Iterator[RuleViolation]:
    """A path is in lower-kebab-case and does not end with a slash."""
    for path in context.bundle.get("paths", {}):
        segments = [PATH_PARAMETER.sub("x", segment) for segment in path.split("/")[1:]]
        if not (path == "/" or path.startswith("x-") or all(SEGMENT.fullmatch(segment) for segment in segments)):
            yield RuleViolation(f"/paths/{escape(path)}", path)


@rule
def path_parameters_match_the_template(operation: Operation) -> Iterator[RuleViolation]:
    """The path parameters of an operation are those of its path."""
    in_template = set(PATH_PARAMETER.findall(operation.path))
    described = {parameter.name: parameter for parameter in operation.parameters if parameter.location == "path"}
    for name in sorted(in_template - set(described)):
        yield RuleViolation(operation.pointer, f"{name} is not described")
    for name in sorted(set(described) - in_template):
        yield RuleViolation(described[name].pointer, f"{name} is not in {operation.path}")


@rule
def schema_name_is_plain(context: LintContext) -> Iterator[RuleViolation]:
    """A schema has a name in CamelCase, without an ending such as Request or Data.

    `Contact`, `ContactCreate`, `ContactList`. A component with an inline body gives its name to that body. lint.yaml: `schema_endings`
    lists the endings that carry no information.
    """
    endings = tuple(context.settings.schema_endings)
    for pointer, name in _schema_names(context):
        if not CAMEL_CASE.fullmatch(name) or (name.endswith(endings) and name not in endings):
            yield RuleViolation(pointer, name)


def _schema_names(context: LintContext) -> Iterator[tuple[str, str]]:
    """The pointers and names of all schemas, and of the responses and request bodies with an inline schema."""
    components: Json = context.bundle.get("components", {})
    for section in ("schemas", "responses", "requestBodies"):
        for name, node in components.get(section, {}).items():
            media = [] if section == "schemas" else node.get("content", {}).values()
            if section == "schemas" or any("$ref" not in media_type.get("schema", {"$ref": ""}) for media_type in media):
                yield f"/components/{section}/{escape(name)}", name


@rule
def schema_name_tells_its_use(context: LintContext) -> Iterator[RuleViolation]:
    """The name of a body tells its use: `ContactCreate`, `ContactUpdate`, `ContactList`, `ContactDeleted`, `ContactResponse`.

    lint.yaml: `schema_words` has the word for the request of a `create_` and an `update_` operation, for the success of a `list_`, a
    `delete_` and any other operation (`response`), and for the body of a `webhook`. An empty word switches the check off for that use. More
    may follow the word (`ContactUpdateByEmail`). The success of an operation that is neither list nor delete may have any of the three
    words.
    """
    words = context.settings.schema_words
    for operation in context.operations:
        verb = operation.id.partition("_")[0]
        yield from _without_word(operation.body, {"create": [words.create], "update": [words.update]}.get(verb, []))
        wanted = {"list": [words.list], "delete": [words.delete]}.get(verb, [words.list, words.delete, words.response])
        for response in operation.responses.values():
            yield from _without_word(response, wanted if wanted[-1] and response.status.startswith("2") else [])
    for body in context.webhook_bodies:
        yield from _without_word(body, [words.webhook])


def _without_word(holder: Body | Response | None, words: list[str]) -> Iterator[RuleViolation]:
    """The JSON bodies whose name, or the name of the component around them, has none of the words."""
    wanted = [word for word in words if word]
    if holder is None or not wanted:
        return
    for media_type, schema in holder.media.items():
        name = component_name(schema) or holder.component
        if name and is_json(essence(media_type)) and not any(re.search(rf"[a-z0-9]{word}(?![a-z])", name) for word in wanted):
            pointer = f"/components/schemas/{escape(name)}" if "$ref" in schema else holder.pointer
            yield RuleViolation(pointer, f"{name} has no {' or '.join(wanted)}")


@rule
def property_is_snake_case(schema: Schema, context: LintContext) -> Iterator[RuleViolation]:
    """A property is in snake_case, unless it is a deprecated alias."""
    for name, property_schema in schema.value.get("properties", {}).items():
        deprecated = isinstance(property_schema, dict) and (
            property_schema.get("deprecated") or context.resolve(property_schema).get("deprecated")
        )
        if not (SNAKE_CASE.fullmatch(name) or deprecated or schema.is_refinement):
            yield RuleViolation(f"{schema.pointer}/properties/{escape(name)}", name)


@rule
def query_parameter_is_snake_case(context: LintContext) -> Iterator[RuleViolation]:
    """A query or path parameter is in snake_case, unless it is deprecated."""
    for parameter in context.nodes_of("parameter"):
        if (
            parameter.value["in"] in {"query", "path"}
            and not SNAKE_CASE.fullmatch(parameter.value["name"])
            and not parameter.value.get("deprecated")
        ):
            yield RuleViolation(parameter.pointer, parameter.value["name"])


@rule
def enum_is_uniform(schema: Schema) -> Iterator[RuleViolation]:
    """The values of an enum are unique and written in one style.

    One style: all lower-case or all upper-case or all CamelCase, with the same separator between words.
    """
    values = schema.value.get("enum", [])
    texts = [value for value in values if isinstance(value, str) and re.search(r"[A-Za-z]", value)]
    for index, value in enumerate(values):
        if any(value == earlier and type(value) is type(earlier) for earlier in values[:index]):
            pointer = f"{schema.pointer}/enum/{index}"
            yield RuleViolation(pointer, f"{value} is repeated", (Remove(pointer),))
    for style_of in (_case, _separators):
        styles: dict[str, list[str]] = defaultdict(list)
        for text in texts:
            styles[style_of(text)].append(text)
        styles.pop("", None)
        if len(styles) > 1:
            yield RuleViolation(f"{schema.pointer}/enum", " and ".join(examples[0] for examples in styles.values()))


def _case(text: str) -> str:
    if text.islower():
        return "lower"
    return "upper" if text.isupper() else "mixed"


def _separators(text: str) -> str:
    return "".join(character for character in "_- " if character in text)


@rule
def one_name_is_one_thing(context: LintContext) -> Iterator[RuleViolation]:
    """Two parts of one document do not share a name.

    Parts of several files got numbered names in the bundle because their name was taken. Rename one of them.
    """
    for pointer in context.document.renamed:
        yield RuleViolation(pointer, pointer.rsplit("/", 1)[1])
