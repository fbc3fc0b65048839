"""The 3.0 projection of a 3.1 bundle, for tools that read only 3.0. Parts that 3.0 cannot express are omitted and listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.openapi.component_use import used_components
from contract.openapi.references import Json, escape, lookup, unescape
from contract.openapi.schema_30 import KNOWN, Projector
from contract.openapi.shape import SECTIONS, member, walk

VERSION = "3.0.3"
DEFAULT_RESPONSES: Json = {"default": {"description": "Not described."}}
# Members that 3.1 added to objects other than schemas.
ADDED_IN_31 = {
    "document": ("webhooks", "jsonSchemaDialect"),
    "info": ("summary",),
    "license": ("identifier",),
    "components": ("pathItems",),
}


def to_30(bundle: Json) -> tuple[Json, list[str]]:
    """The bundle in 3.0, and the JSON pointers of the omitted parts in document order."""
    return _Projection(bundle).run()


class _Projection:
    """One run. `hoisted` are schemas that were only reachable inside something left out; they become components."""

    def __init__(self, bundle: Json) -> None:
        self.bundle = bundle
        self.dropped: list[str] = []
        self.hoisted: dict[str, str] = {}
        self.names = set(bundle.get("components", {}).get("schemas", {}))
        self.schemas = Projector(self.dropped.append, self.reference)
        self.inlining: list[str] = []

    def run(self) -> tuple[Json, list[str]]:
        projected: Json = {**self.copy("document", self.bundle, ""), "openapi": VERSION}
        projected.setdefault("paths", {})
        self.information(projected)
        waiting = list(self.hoisted)
        for pointer in waiting:  # projecting one may name another
            schemas = projected.setdefault("components", {}).setdefault("schemas", {})
            schemas[self.hoisted[pointer]] = self.schemas.schema(lookup(self.bundle, pointer), pointer)
            waiting += [hoisted for hoisted in self.hoisted if hoisted not in waiting]
        self.mutual_tls(projected)
        self.scopes(projected)
        self.unused(projected)
        return projected, self.dropped

    def information(self, projected: Json) -> None:
        projected["info"] = self.without("info", projected["info"], "/info")
        if "license" in projected["info"]:
            projected["info"]["license"] = self.without("license", projected["info"]["license"], "/info/license")

    def without(self, kind: str, node: Json, pointer: str) -> Json:
        """A copy without the members that 3.1 added."""
        removed = [key for key in ADDED_IN_31.get(kind, ()) if key in node]
        if kind != "components":  # path items are inlined, so nothing is lost
            self.dropped += [f"{pointer}/{key}" for key in removed]
        return {key: value for key, value in node.items() if key not in removed}

    def copy(self, kind: str, node: Any, pointer: str) -> Any:
        if kind == "schema":
            return self.schemas.schema(node, pointer)
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return self.referring(kind, node, pointer)
        kept = self.without(kind, node, pointer)
        copied = {key: self.copy_member(kind, key, value, f"{pointer}/{escape(key)}") for key, value in kept.items()}
        if kind == "operation" and not copied.get("responses"):
            copied["responses"] = DEFAULT_RESPONSES
        return copied

    def copy_member(self, kind: str, key: str, value: Any, pointer: str) -> Any:
        match member(kind, key), value:
            case ("one", inner), _:
                return self.copy(inner, value, pointer)
            case ("list", inner), list():
                return [self.copy(inner, entry, f"{pointer}/{index}") for index, entry in enumerate(value)]
            case ("map", inner), dict():
                return {name: self.copy(inner, entry, f"{pointer}/{escape(name)}") for name, entry in value.items()}
            case _:
                return value

    def referring(self, kind: str, node: Json, pointer: str) -> Json:
        """A node that only holds a reference. Path items are inlined: 3.0 has no components for them."""
        if kind == "path_item":
            target = node["$ref"].removeprefix("#")
            if target in self.inlining:
                return {}
            self.inlining.append(target)
            inlined: Json = self.copy(kind, lookup(self.bundle, target), target)
            self.inlining.pop()
            return {**inlined, **{key: value for key, value in node.items() if key != "$ref"}}
        self.dropped += [f"{pointer}/{escape(key)}" for key in node if key != "$ref"]
        return {"$ref": node["$ref"]}

    def reference(self, original: str) -> str:
        """The reference to a schema. A schema inside a part that is left out becomes a component."""
        parts = original.removeprefix("#/").split("/")
        if all(part in KNOWN or part.isdigit() for part in self._keywords(parts)):
            return original
        pointer = original.removeprefix("#")
        if pointer not in self.hoisted:
            name = parts[-1] if not parts[-1].isdigit() else "_".join(parts[-2:])
            self.hoisted[pointer] = self.free(name)
        return f"#/components/{SECTIONS['schema']}/{self.hoisted[pointer]}"

    @staticmethod
    def _keywords(parts: list[str]) -> list[str]:
        """The keywords in a pointer below its component, without the names of properties."""
        below = parts[3:] if parts[:1] == ["components"] else []
        return [part for previous, part in zip(["", *below], below, strict=False) if previous != "properties"]

    def free(self, name: str) -> str:
        number = 1
        while (candidate := name if number == 1 else f"{name}_{number}") in self.names:
            number += 1
        self.names.add(candidate)
        return candidate

    def mutual_tls(self, projected: Json) -> None:
        """Remove mutual TLS schemes, which 3.0 does not have. Requirements keep their names."""
        schemes: Json = projected.get("components", {}).get("securitySchemes", {})
        for name in [name for name, scheme in schemes.items() if scheme.get("type") == "mutualTLS"]:
            del schemes[name]
            self.dropped.append(f"/components/securitySchemes/{escape(name)}")

    def scopes(self, projected: Json) -> None:
        """Empty the scopes of schemes other than OAuth 2 and OpenID Connect, as 3.0 requires. Equal alternatives become one."""
        schemes: Json = projected.get("components", {}).get("securitySchemes", {})
        for holder, pointer in _secured(projected):
            alternatives: list[Json] = []
            for index, requirement in enumerate(holder["security"]):
                emptied = {name: scopes if _has_scopes(schemes.get(name, {})) else [] for name, scopes in requirement.items()}
                self.dropped += [f"{pointer}/security/{index}/{escape(name)}" for name in emptied if emptied[name] != requirement[name]]
                if emptied not in alternatives:
                    alternatives.append(emptied)
            holder["security"] = alternatives

    def unused(self, projected: Json) -> None:
        """Remove the components that only omitted parts used. A component that nothing used before stays."""
        components: Json = projected.get("components", {})
        for pointer in sorted(used_components(self.bundle) - used_components(projected)):
            section, name = (unescape(part) for part in pointer.split("/")[2:])
            if components.get(section, {}).pop(name, None) is not None:
                self.dropped.append(pointer)
                if not components[section]:
                    del components[section]


def _secured(document: Json) -> Iterator[tuple[Json, str]]:
    """The objects with security requirements, and their pointers."""
    for node in walk(document):
        if node.kind in {"document", "operation"} and "security" in node.value:
            yield node.value, node.pointer


def _has_scopes(scheme: Json) -> bool:
    return scheme.get("type") in {"oauth2", "openIdConnect"}
