"""Validation of exchanges by openapi-core: whether the response, and an accepted request, conform to the document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from http.cookies import CookieError, SimpleCookie
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.validation.request.exceptions import SecurityValidationError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from contract.openapi.references import Json, unescape
from contract.openapi.shape import walk
from contract.runtime.media import essence, is_json
from contract.traffic.exchange import Exchange

HOST = "http://server"
FIRST_ERROR_STATUS = 400
UNDOCUMENTED = {"ResponseNotFound", "MediaTypeNotFound"}  # the caller reports these itself


class ExchangeValidator:
    """Holds the document. Validating an exchange takes milliseconds."""

    def __init__(self, bundle: Json) -> None:
        # The document is valid. Text bodies are strings in schemas, which openapi-core only knows of text/plain.
        readers: dict[str, Callable[..., Any]] = {
            media_type: _json_or_text if "*" in media_type else _json for media_type in _json_types(bundle)
        }
        readers |= dict.fromkeys(("text/event-stream", "text/html", "text/csv"), _text)
        served = {**bundle, "servers": [{"url": "/"}], "paths": {path: _without_servers(item) for path, item in _paths(bundle)}}
        self._openapi = OpenAPI.from_dict(served, config=Config(spec_validator_cls=None, extra_media_type_deserializers=readers))

    def violations(self, path: str, exchange: Exchange) -> list[tuple[str, str]]:
        """(`request` or `response`, sentence) pairs. A body that was not recorded is not validated."""
        try:
            return list(self._violations(path, exchange))
        except RecursionError:
            return [("response", "it cannot be validated: the schemas are circular")]

    def _violations(self, path: str, exchange: Exchange) -> Iterator[tuple[str, str]]:
        request = _Request(path, exchange)
        if exchange.status < FIRST_ERROR_STATUS and exchange.request.body is not None:
            yield from (("request", sentence) for sentence in _until_bad_pattern(self._request_errors(request)))
        if exchange.response.body is not None:
            yield from (("response", sentence) for sentence in _until_bad_pattern(self._response_errors(request, _Response(exchange))))

    def _request_errors(self, request: Any) -> Iterator[str]:
        for error in self._openapi.iter_request_errors(request):
            if not isinstance(error, SecurityValidationError):  # credentials are never recorded
                yield from _sentences(error)

    def _response_errors(self, request: Any, response: Any) -> Iterator[str]:
        for error in self._openapi.iter_response_errors(request, response):
            if not any(type(cause).__name__ in UNDOCUMENTED for cause in _causes(error)):
                yield from _sentences(error)


def _json(value: bytes, **_parameters: str) -> Any:
    """A JSON body. Parameters of its media type, such as a charset, do not matter."""
    return json.loads(value)


def _json_or_text(value: bytes, **_parameters: str) -> Any:
    """A body of a range of media types: JSON if it parses."""
    try:
        return json.loads(value)
    except ValueError:
        return _text(value)


def _text(value: bytes, **_parameters: str) -> str:
    """A text body of any bytes."""
    return value.decode(errors="replace")


def _json_types(bundle: Json) -> Iterator[str]:
    """The media types that are or can be JSON, such as `application/ld+json` and `*/*`."""
    for node in walk(bundle):
        if node.kind == "media_type":
            media_type = essence(unescape(node.pointer.rpartition("/")[2]))
            if is_json(media_type) or "*" in media_type:
                yield media_type


def _paths(bundle: Json) -> Iterator[tuple[str, Any]]:
    yield from (bundle.get("paths") or {}).items()


def _without_servers(item: Any) -> Any:
    """A path item without its own servers: paths are compared, hosts are not."""
    if not isinstance(item, dict):
        return item
    return {
        name: {key: member for key, member in value.items() if key != "servers"} if isinstance(value, dict) else value
        for name, value in item.items()
        if name != "servers"
    }


def _until_bad_pattern(sentences: Iterator[str]) -> Iterator[str]:
    """The sentences; if they end because Python cannot read an ECMA 262 pattern, a last one that says so."""
    try:
        yield from sentences
    except re.error as error:
        yield f"cannot be validated: Python cannot read the pattern {error.pattern!r}"


class _Request:
    """The request of an exchange in openapi-core's protocol."""

    def __init__(self, path: str, exchange: Exchange) -> None:
        self.host_url, self.path, self.full_url_pattern = HOST, path, HOST + path
        self.method = exchange.method.lower() if exchange.method != "HEAD" else "get"
        self.body = exchange.request.body or None
        self.content_type = exchange.request.header("Content-Type") or ""
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(exchange.query), header=Headers(list(exchange.request.headers)), cookie=_cookies(exchange)
        )


class _Response:
    """The response of an exchange in openapi-core's protocol."""

    def __init__(self, exchange: Exchange) -> None:
        self.data = exchange.response.body
        self.status_code = exchange.status
        self.content_type = exchange.response.header("Content-Type") or ""
        self.headers = Headers(list(exchange.response.headers))


def _cookies(exchange: Exchange) -> ImmutableMultiDict[str, str]:
    try:
        cookies = SimpleCookie(exchange.request.header("Cookie") or "")
    except CookieError:
        return ImmutableMultiDict()
    return ImmutableMultiDict({name: morsel.value for name, morsel in cookies.items()})


def _sentences(error: BaseException) -> Iterator[str]:
    """The violations, with their location in the body if they have one."""
    for cause in _causes(error):
        sentences = [
            f"{'/'.join(map(str, schema_error.absolute_path)) or 'the root'}: {schema_error.message}"
            for schema_error in getattr(cause, "schema_errors", ())
        ]
        if sentences:
            yield from sentences
            return
    yield str(list(_causes(error))[-1]) or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OpenAPIError) or cause is error or hasattr(cause, "schema_errors"):
            yield cause
        cause = cause.__cause__
