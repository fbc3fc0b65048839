"""Rules for examples: they exist, fit their schemas and show real values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from contract.lint.lint_context import SCHEMA_ERRORS, LintContext
from contract.lint.registry import RuleViolation, rule
from contract.openapi.operations import Operation
from contract.openapi.references import Json, escape

SELF_EVIDENT = ("enum", "const", "default")
FILLER_PREFIXES = {"example", "sample", "lorem", "placeholder"}
PLAIN_TEXT = re.compile(r"[\w\s-]+\.?")


@rule
def request_has_an_example(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """A request body has an example."""
    if operation.body:
        yield from _without_example(operation.body.node, operation.body.pointer, context)


@rule
def success_has_an_example(operation: Operation, context: LintContext) -> Iterator[RuleViolation]:
    """A successful response with a body has an example."""
    for status, response in operation.responses.items():
        if status.startswith("2"):
            yield from _without_example(response.node, response.pointer, context)


def _without_example(node: Json, pointer: str, context: LintContext) -> Iterator[RuleViolation]:
    for name, media in node.get("content", {}).items():
        if "schema" in media and not _is_binary(_schema(media)) and not _has_example(media, context):
            yield RuleViolation(f"{pointer}/content/{escape(name)}", name)


def _has_example(node: Json, context: LintContext) -> bool:
    return "example" in node or bool(node.get("examples")) or bool(context.resolve(_schema(node)).get("examples"))


def _is_binary(schema: Json) -> bool:
    return schema.get("format") == "binary" or "contentEncoding" in schema or "contentMediaType" in schema


def _schema(node: Json) -> Json:
    schema = node.get("schema")
    return schema if isinstance(schema, dict) else {}


@rule
def parameter_has_an_example(context: LintContext) -> Iterator[RuleViolation]:
    """A parameter has an example, unless its schema lists its values."""
    for node in context.nodes_of("parameter"):
        schema = context.resolve(_schema(node.value))
        is_self_evident = schema.get("type") == "boolean" or any(key in schema for key in SELF_EVIDENT)
        if not is_self_evident and "content" not in node.value and not _has_example(node.value, context):
            yield RuleViolation(node.pointer, node.value["name"])


@rule
def example_fits_its_schema(context: LintContext) -> Iterator[RuleViolation]:
    """An example or default is valid against its schema, formats included."""
    for example in context.examples:
        try:
            validator = context.validator(example.schema)
        except SCHEMA_ERRORS:
            continue  # another rule reports the invalid pattern
        if validator.is_valid(example.value):
            continue
        for error in validator.iter_errors(example.value):
            path = "".join(f"/{escape(str(part))}" for part in error.instance_path)
            yield RuleViolation(example.pointer + path, error.message)


@rule
def example_is_no_filler(context: LintContext) -> Iterator[RuleViolation]:
    """An example shows a real value.

    Filler is text that consists of words such as `string` and `foo`, or that starts like `example name`. lint.yaml: `filler` lists the
    words.
    """
    filler = set(context.settings.filler)
    for example in context.examples:
        for path, text in _texts(example.value, example.pointer):
            if _is_filler(text, filler):
                yield RuleViolation(path, text)


def _is_filler(text: str, filler: set[str]) -> bool:
    words = re.findall(r"[a-z]+", text.lower())
    return bool(words) and PLAIN_TEXT.fullmatch(text) is not None and (set(words) <= filler or words[0] in FILLER_PREFIXES)


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield pointer, value
        case dict():
            for key, entry in value.items():
                yield from _texts(entry, f"{pointer}/{escape(key)}")
        case list():
            for index, entry in enumerate(value):
                yield from _texts(entry, f"{pointer}/{index}")
        case _:
            return
