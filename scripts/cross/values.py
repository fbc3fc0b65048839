"""Values that a schema accepts: examples, the smallest, the largest, and hostile ones. The same for the same seed."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contract.example_values import FORMATS, STRATEGIES, from_schema, is_impossible, merge, text_matching, type_of
from contract.openapi.references import Json
from contract.runtime.visibility import Side, is_hidden

PLAIN = ("text", "b2", "Ada-Lovelace", "x1")
HOSTILE = (
    *(
        "a b",
        "a+b",
        "1,2",
        "a&b=c",
        "100%",
        "%2F",
        "a/b",
        "ü😀",
        "'\"\\",
        "<a>&amp;",
        "a;b",
        "true",
        "null",
        "0123",
        "1e5",
        "[x]",
        "{}",
        "~",
        "#?",
    ),
    *(" ends ", "line\nend", "tab\t", "\u2028", "__proto__", "a.b", "..", "a|b", "=", ""),
)
MAX_DEPTH = 5
MAX_OPTIONAL_DEPTH = 3
NULL_SHARE = 0.15
SAFE_INTEGER = 2**53 - 1
LARGEST = {"int32": 2**31 - 1, "int16": 2**15 - 1, "uint8": 2**8 - 1, "int8": 2**7 - 1}
ATTEMPTS = 12  # random values of one kind that are tried


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its kind: `example`, `minimal`, `maximal` or `hostile`."""

    kind: str
    value: Any


class Generator:
    """Generates the values of one side of a document."""

    def __init__(self, bundle: Json, side: Side, seed: str, *, is_parameter: bool = False) -> None:
        """Values of a parameter are text where the schema names no type: nothing else tells how they are written."""
        self._is_parameter = is_parameter
        self._bundle = bundle
        self._side = side
        self._random = random.Random(seed)  # noqa: S311 - test data
        self._kind = "minimal"

    def values(self, schema: Any, accepts: Callable[[Any], bool], examples: dict[str, Any], count: int) -> list[Value]:
        """Up to `count` random values of each kind beside the examples, each of which the schema accepts."""
        values: dict[str, Value] = {}
        for value in self._candidates(schema, examples, count, accepts):
            values.setdefault(json.dumps(value.value, sort_keys=True, default=repr), value)
        return list(values.values())

    def _candidates(self, schema: Any, examples: dict[str, Any], count: int, accepts: Callable[[Any], bool]) -> Iterator[Value]:
        generated = (from_schema(self._bundle, schema, strategy=strategy) for strategy in STRATEGIES)
        for value in (*examples.values(), *generated):
            if accepts(value):
                yield Value("example", value)
            elif accepts(visible := self._visible(schema, value)):
                yield Value("example", visible)
        for kind in ("minimal", "maximal", "hostile"):
            self._kind = kind
            fitting = [value for value in self._tried(schema) if accepts(value)]
            yield from (Value(kind, value) for value in fitting[:count])

    def _tried(self, schema: Any) -> Iterator[Any]:
        for _ in range(ATTEMPTS):
            try:
                yield self._any(schema, 0)
            except RecursionError:  # the choices of a recursive schema led deeper and deeper
                continue

    def _visible(self, schema: Any, value: Any) -> Any:
        """A generated value without the properties that this side does not have, and with those that it requires."""
        described = merge(self._bundle, schema)
        if isinstance(value, list):
            return [self._visible(described.get("items", {}), item) for item in value]
        if not isinstance(value, dict):
            return value
        properties = described.get("properties", {})
        missing = [name for name in described.get("required", ()) if name in properties and name not in value]
        members = {**value, **{name: from_schema(self._bundle, properties[name]) for name in missing}}
        return {
            name: self._visible(properties.get(name, {}), each) for name, each in members.items() if not self._is_hidden(properties, name)
        }

    def _is_hidden(self, properties: Json, name: str) -> bool:
        return is_hidden(self._bundle, properties.get(name), self._side)

    def _any(self, schema: Any, depth: int) -> Any:
        described = merge(self._bundle, schema, self._random.randrange(24))
        if "const" in described:
            return described["const"]
        if described.get("enum"):
            return self._random.choice(described["enum"])
        types = described.get("type", [])
        if isinstance(types, list) and "null" in types and self._random.random() < NULL_SHARE:
            return None
        named = [name for name in types if name != "null"] if isinstance(types, list) else [types]
        kind = self._random.choice(named) if named else type_of(described)
        if kind == "null" and not types:
            return self._free(depth)
        maker: Callable[[Json, int], Any] | None = getattr(self, f"_{kind}", None)
        return maker(described, depth) if maker else None

    def _free(self, depth: int) -> Any:
        """A value of a schema that describes nothing."""
        if self._kind == "minimal" or depth > 0 or self._is_parameter:
            return self._text({})
        return self._random.choice([self._text({}), 7, True, {"a": [1, None, self._text({})]}, []])

    def _object(self, schema: Json, depth: int) -> Json:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        share = {"minimal": 0.0, "maximal": 1.0}.get(self._kind, 0.5) if depth < MAX_OPTIONAL_DEPTH else 0.0
        names = [name for name in properties if name in required or self._random.random() < share]
        visible = [name for name in names if not self._is_hidden(properties, name) and not is_impossible(self._bundle, properties[name])]
        value = {name: self._any(properties[name], depth + 1) for name in visible} if depth < MAX_DEPTH else {}
        others = schema.get("additionalProperties")
        value |= {name: self._any(others, depth + 1) for name in required if name not in properties}
        if isinstance(others, dict) and share and depth < MAX_DEPTH:
            value[self._member_name(schema)] = self._any(others, depth + 1)
        for pattern, member in schema.get("patternProperties", {}).items() if share else ():
            value[text_matching(pattern, 1, math.inf)] = self._any(member, depth + 1)
        return value

    def _member_name(self, schema: Json) -> str:
        names = schema.get("propertyNames", {})
        if isinstance(names, dict) and names:
            return str(self._any(names, MAX_DEPTH))
        return self._random.choice(HOSTILE[:12]) if self._kind == "hostile" else "other-1"

    def _array(self, schema: Json, depth: int) -> list[Any]:
        prefix = schema.get("prefixItems", [])
        first = [self._any(item, depth + 1) for item in (prefix if depth < MAX_DEPTH else prefix[: schema.get("minItems", 0)])]
        if "contains" in schema:
            first += [self._any(schema["contains"], depth + 1) for _ in range(schema.get("minContains", 1))]
        least = schema.get("minItems", 0)
        more = 0 if depth >= MAX_DEPTH else {"minimal": 0}.get(self._kind, self._random.choice([1, 2, 3]))
        count = min(max(least, more), schema.get("maxItems", math.inf)) - len(first)
        items = schema.get("items", {})
        rest = [self._any(items, depth + 1) for _ in range(int(count))] if items is not False else []
        if schema.get("uniqueItems"):
            rest = list({json.dumps(item, sort_keys=True): item for item in rest}.values())
        return first + rest

    def _string(self, schema: Json, _depth: int) -> str:
        return self._text(schema)

    def _text(self, schema: Json) -> str:
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength", math.inf)
        if "pattern" in schema:
            return text_matching(schema["pattern"], shortest, longest)
        if schema.get("format") in FORMATS:
            return FORMATS[schema["format"]]
        text = self._random.choice(HOSTILE if self._kind == "hostile" else PLAIN)
        text = text.ljust(shortest, "x")
        return text if len(text) <= longest else text[: int(longest)]

    def _integer(self, schema: Json, _depth: int) -> int:
        largest = LARGEST.get(schema.get("format"), SAFE_INTEGER)
        pool = [0, 1, 7, -3, 100, largest if self._kind == "hostile" else 12]
        bounds = [math.ceil(schema["minimum"])] if "minimum" in schema else []
        bounds += [math.floor(schema["exclusiveMinimum"]) + 1] if "exclusiveMinimum" in schema else []
        return int(self._stepped(schema, bounds, pool))

    def _number(self, schema: Json, _depth: int) -> float:
        bounds = [schema[name] for name in ("minimum", "maximum") if name in schema]
        return self._stepped(
            schema, bounds, [0, 0.5, 7, -3.25, 1e-7 if self._kind == "hostile" else 2.5, 1e21 if self._kind == "hostile" else 100]
        )

    def _stepped(self, schema: Json, bounds: list[float], pool: list[float]) -> float:
        step = schema.get("multipleOf")
        candidates = [*bounds, *(schema[name] for name in ("maximum",) if name in schema), *pool]
        fitting = [value for value in candidates if _is_between(schema, value)]
        value = self._random.choice(fitting or [from_schema(self._bundle, {**schema, "type": "number"})])
        return math.floor(value / step) * step if step else value

    def _boolean(self, _schema: Json, _depth: int) -> bool:
        return self._random.random() < 0.5  # noqa: PLR2004 - either


def _is_between(schema: Json, value: float) -> bool:
    if not schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf):
        return False
    return bool(schema.get("exclusiveMinimum", -math.inf) < value < schema.get("exclusiveMaximum", math.inf))
