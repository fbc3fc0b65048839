"""Cross-origin requests of browsers to the API (CORS, the Fetch standard), for the origins of the settings.

`*` lets any origin use API keys, which a page must know. Cookies are accepted only from origins that are named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from contract.runtime.application import Environ, StartResponse, Wsgi

ANY = "*"
MAX_AGE = "600"
EXPOSED = "Content-Disposition, ETag, Location, Retry-After, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
REQUEST_HEADERS = ("Authorization", "Content-Type", "If-Match", "If-None-Match")
Headers = list[tuple[str, str]]


class CrossOrigin:
    """The API with the fields that allow other origins to use it. Other origins get the same responses without them."""

    def __init__(self, api: Wsgi, origins: frozenset[str], bundle: dict[str, Any]) -> None:
        self._api = api
        self._origins = origins
        self._accepted = ", ".join(sorted({*REQUEST_HEADERS, *_header_parameters(bundle)}))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to one request (PEP 3333)."""
        origin = environ.get("HTTP_ORIGIN", "")
        granted = self._granted(origin)
        if granted and environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            return self._api(environ, self._starting(start_response, [*granted, *self._preflight()], is_preflight=True))
        return self._api(environ, self._starting(start_response, [*granted, ("Access-Control-Expose-Headers", EXPOSED)] if granted else []))

    def _granted(self, origin: str) -> Headers:
        if origin in self._origins:
            return [("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true")]
        return [("Access-Control-Allow-Origin", ANY)] if origin and ANY in self._origins else []

    def _preflight(self) -> Headers:
        return [("Access-Control-Allow-Headers", self._accepted), ("Access-Control-Max-Age", MAX_AGE)]

    def _starting(self, start_response: StartResponse, added: Headers, *, is_preflight: bool = False) -> Callable[..., Any]:
        def start(status: str, headers: Headers, *rest: Any) -> Any:
            methods = [("Access-Control-Allow-Methods", value) for name, value in headers if name == "Allow"] if is_preflight else []
            return start_response(status, [*headers, ("Vary", "Origin"), *added, *methods], *rest)

        return start


def _header_parameters(bundle: dict[str, Any]) -> Iterable[str]:
    """The header fields that operations have."""
    shared = bundle.get("components", {}).get("parameters", {})
    for item in bundle["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []) if isinstance(operation, dict) else []:
                resolved = shared[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
                if resolved["in"] == "header":
                    yield resolved["name"]
