"""Rules for the keywords of schemas: each is known, and patterns are regular expressions that every validator reads alike."""

from __future__ import annotations

import re
from collections.abc import Iterator

import jsonschema_rs
import regress

from contract.lint.lint_context import SCHEMA_ERRORS, Schema
from contract.lint.registry import RuleViolation, rule
from contract.openapi.references import escape

# JSON Schema 2020-12 (core and validation) and the base vocabulary of OpenAPI 3.1. A document of 3.0 is upgraded before it is checked.
KEYWORDS = frozenset(
    """
    $ref $id $schema $anchor $dynamicRef $dynamicAnchor $comment $defs $vocabulary definitions
    allOf anyOf oneOf not if then else dependentSchemas prefixItems items contains properties patternProperties
    additionalProperties propertyNames unevaluatedItems unevaluatedProperties
    type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems
    minItems uniqueItems maxContains minContains maxProperties minProperties required dependentRequired
    title description default deprecated readOnly writeOnly examples format contentEncoding contentMediaType contentSchema
    discriminator xml externalDocs example
    """.split()  # noqa: SIM905  # a table of words
)
ESCAPED_OR_CLASS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]", re.DOTALL)
MODIFIERS = re.compile(r"\(\?[a-z]*-?[a-z]*:")
PLAIN_GROUP = "(?:"


@rule
def schema_keyword_is_known(schema: Schema) -> Iterator[RuleViolation]:
    """A keyword of a schema is one of JSON Schema or OpenAPI; the name of any other begins with `x-`.

    Validators ignore keywords that they do not know. A misspelt keyword therefore checks nothing, and a comma without quotes in a flow
    mapping, as in `{description: Days, weeks or months}`, cuts the text and makes a keyword of the rest.
    """
    for name, value in schema.value.items():
        if name not in KEYWORDS and not name.startswith("x-"):
            yield RuleViolation(f"{schema.pointer}/{escape(name)}", f"{name}; quote the text before it" if value is None else name)


@rule
def pattern_is_a_regular_expression(schema: Schema) -> Iterator[RuleViolation]:
    r"""A pattern is a regular expression of ECMA-262.

    JSON Schema prescribes the syntax of ECMA-262, read as Unicode. Other syntax, such as `\A`, `(?i)` or `(?P<name>)`, works in the
    validators of some languages only; so do modifiers of a group, such as `(?i:)`, which editions before 2025 do not have.
    """
    patterns = {f"{schema.pointer}/patternProperties/{escape(text)}": text for text in schema.value.get("patternProperties", {})}
    if "pattern" in schema.value:
        patterns[f"{schema.pointer}/pattern"] = schema.value["pattern"]
    for pointer, text in patterns.items():
        if not _is_ecma_262(text):
            yield RuleViolation(pointer, text)


@rule
def enum_descriptions_fit_the_enum(schema: Schema) -> Iterator[RuleViolation]:
    """`x-enum-descriptions` describes each value of the enum beside it, and no other."""
    described = schema.value.get("x-enum-descriptions")
    if described is None:
        return
    values = [str(value) for value in schema.value.get("enum", ())]
    yield from (RuleViolation(f"{schema.pointer}/enum/{index}", name) for index, name in enumerate(values) if name not in described)
    yield from (RuleViolation(f"{schema.pointer}/x-enum-descriptions/{escape(name)}", name) for name in described if name not in values)


def _is_ecma_262(pattern: str) -> bool:
    if any(group != PLAIN_GROUP for group in MODIFIERS.findall(ESCAPED_OR_CLASS.sub("", pattern))):
        return False
    try:
        regress.Regex(pattern, "u")
        jsonschema_rs.validator_for({"pattern": pattern})
    except (regress.RegressError, *SCHEMA_ERRORS):
        return False
    return True
