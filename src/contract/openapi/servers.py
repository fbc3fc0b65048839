"""The servers of a document (OpenAPI 3.1, section 4.8.5)."""

from __future__ import annotations

from contract.openapi.references import Json


def default_url(bundle: Json) -> str:
    """The URL of the document's first server, with its variables' defaults; empty without servers."""
    server: Json = next(iter(bundle.get("servers") or ()), {})
    url = str(server.get("url", ""))
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url


def base_path(bundle: Json) -> str:
    """The path of the document's first server, with its variables' defaults, without a final slash.

    It is `/api` for `https://example.com/api/`.
    """
    url = default_url(bundle)
    path = url.split("://", 1)[1].partition("/")[2] if "://" in url else url
    stripped = path.strip("./")
    return f"/{stripped}" if stripped else ""
