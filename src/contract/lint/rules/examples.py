"""Examples: there, true to their schemas, and worth reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from contract.lint.lint_context import Contract, Schema
from contract.lint.registry import Spot, rule
from contract.openapi.operations import Json, Operation, escape

FAILURES = (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError)
SELF_EVIDENT = ("enum", "const", "default")
OPENERS = {"example", "sample", "lorem", "placeholder"}
WORDS = re.compile(r"[\w\s-]+\.?")


@rule
def request_has_an_example(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """A request body has an example."""
    if operation.body:
        yield from _without_example(operation.body.node, operation.body.pointer, contract)


@rule
def success_has_an_example(operation: Operation, contract: Contract) -> Iterator[Spot]:
    """A successful response with a body has an example."""
    for status, response in operation.responses.items():
        if status.startswith("2"):
            yield from _without_example(response.node, response.pointer, contract)


def _without_example(node: Json, pointer: str, contract: Contract) -> Iterator[Spot]:
    for name, media in node.get("content", {}).items():
        if "schema" in media and not _is_binary(_schema(media)) and not _shows_something(media, contract):
            yield Spot(f"{pointer}/content/{escape(name)}", name)


def _shows_something(node: Json, contract: Contract) -> bool:
    return "example" in node or bool(node.get("examples")) or bool(contract.resolve(_schema(node)).get("examples"))


def _is_binary(schema: Json) -> bool:
    return schema.get("format") == "binary" or "contentEncoding" in schema or "contentMediaType" in schema


def _schema(node: Json) -> Json:
    schema = node.get("schema")
    return schema if isinstance(schema, dict) else {}


@rule
def parameter_has_an_example(contract: Contract) -> Iterator[Spot]:
    """A parameter has an example, unless its schema lists its values."""
    for node in contract.of("parameter"):
        schema = contract.resolve(_schema(node.value))
        evident = schema.get("type") == "boolean" or any(key in schema for key in SELF_EVIDENT)
        if not evident and "content" not in node.value and not _shows_something(node.value, contract):
            yield Spot(node.pointer, node.value["name"])


@rule
def pattern_is_a_regular_expression(schema: Schema) -> Iterator[Spot]:
    """A pattern is a regular expression."""
    patterns = {f"{schema.pointer}/patternProperties/{escape(text)}": text for text in schema.value.get("patternProperties", {})}
    if "pattern" in schema.value:
        patterns[f"{schema.pointer}/pattern"] = schema.value["pattern"]
    for pointer, text in patterns.items():
        try:
            jsonschema_rs.validator_for({"pattern": text})
        except FAILURES:
            yield Spot(pointer, text)


@rule
def example_fits_its_schema(contract: Contract) -> Iterator[Spot]:
    """An example or default is valid against its schema, formats included."""
    for example in contract.examples:
        try:
            validator = contract.validator(example.schema)
        except FAILURES:
            continue  # another rule tells of the pattern that is wrong
        if validator.is_valid(example.value):
            continue
        for error in validator.iter_errors(example.value):
            path = "".join(f"/{escape(str(part))}" for part in error.instance_path)
            yield Spot(example.pointer + path, error.message)


@rule
def example_is_no_filler(contract: Contract) -> Iterator[Spot]:
    """An example shows a real value.

    Filler is a text made of nothing but such words as `string` and `foo`, or one that starts like `example name`.
    lint.yaml: `filler` lists the words.
    """
    words = set(contract.settings.filler)
    for example in contract.examples:
        for path, text in _texts(example.value, example.pointer):
            if _is_filler(text, words):
                yield Spot(path, text)


def _is_filler(text: str, filler: set[str]) -> bool:
    words = re.findall(r"[a-z]+", text.lower())
    return bool(words) and WORDS.fullmatch(text) is not None and (set(words) <= filler or words[0] in OPENERS)


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
