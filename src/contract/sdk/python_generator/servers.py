"""The servers of a document: their default URL, and their variables as arguments of a client."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contract.names import snake, unique
from contract.openapi.references import Json


@dataclass(frozen=True, slots=True)
class ServerVariable:
    """A variable of a server's URL as an argument; without choices it is any text."""

    name: str
    argument: str
    default: str
    choices: tuple[str, ...]
    description: str

    @property
    def source(self) -> str:
        """The argument in a signature."""
        annotation = f"Literal[{', '.join(map(repr, self.choices))}]" if self.choices else "str"
        return f"{self.argument}: {annotation} = {self.default!r}"


def default_url(server: Json) -> str:
    """The URL of a server with the defaults of its variables."""
    url = str(server.get("url", ""))
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url


def first_server(bundle: Json) -> str | None:
    """The template of the first server's URL; None if it is relative, so that callers must give the URL."""
    server: Json = next(iter(bundle.get("servers") or ()), {})
    return str(server["url"]).rstrip("/") if default_url(server).startswith(("http://", "https://")) else None


def variables(bundle: Json, taken: Iterable[str]) -> list[ServerVariable]:
    """The variables of the first server."""
    server: Json = next(iter(bundle.get("servers") or ()), {}) if first_server(bundle) else {}
    declared = {name: node for name, node in (server.get("variables") or {}).items() if f"{{{name}}}" in server["url"]}
    arguments = unique((snake(name) for name in declared), taken)
    return [
        ServerVariable(
            name, argument, str(node.get("default", "")), tuple(map(str, node.get("enum") or ())), str(node.get("description", ""))
        )
        for (name, node), argument in zip(declared.items(), arguments, strict=True)
    ]
