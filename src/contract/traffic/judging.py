"""openapi-core's judgement of an exchange: whether the answer, and a request that was accepted, is what the document describes."""

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

from contract.openapi.operations import Json, unescape
from contract.openapi.shape import walk
from contract.runtime.media import essence, is_json
from contract.traffic.exchange import Exchange

HOST = "http://server"
FIRST_REFUSAL = 400
UNDOCUMENTED = {"ResponseNotFound", "MediaTypeNotFound"}  # what the caller reports in its own words


class Judge:
    """Holds the document; judging takes milliseconds an exchange."""

    def __init__(self, bundle: Json) -> None:
        # The document was validated when it was read; texts are strings in schemas, and openapi-core knows that of text/plain only.
        readers: dict[str, Callable[..., Any]] = {
            media_type: _guessed if "*" in media_type else _json for media_type in _json_types(bundle)
        }
        readers |= dict.fromkeys(("text/event-stream", "text/html", "text/csv"), _text)
        served = {**bundle, "servers": [{"url": "/"}], "paths": {path: _without_servers(item) for path, item in _paths(bundle)}}
        self._openapi = OpenAPI.from_dict(served, config=Config(spec_validator_cls=None, extra_media_type_deserializers=readers))

    def violations(self, path: str, exchange: Exchange) -> list[tuple[str, str]]:
        """(`request` or `answer`, sentence) pairs. A body that was not recorded is not judged."""
        try:
            return list(self._found(path, exchange))
        except RecursionError:
            return [("answer", "it cannot be judged: the schemas lead in a circle")]

    def _found(self, path: str, exchange: Exchange) -> Iterator[tuple[str, str]]:
        request = _Request(path, exchange)
        if exchange.status < FIRST_REFUSAL and exchange.request.body is not None:
            yield from (("request", sentence) for sentence in _judged(self._of_request(request)))
        if exchange.answer.body is not None:
            yield from (("answer", sentence) for sentence in _judged(self._of_answer(request, _Response(exchange))))

    def _of_request(self, request: Any) -> Iterator[str]:
        for error in self._openapi.iter_request_errors(request):
            if not isinstance(error, SecurityValidationError):  # credentials are never recorded
                yield from _sentences(error)

    def _of_answer(self, request: Any, response: Any) -> Iterator[str]:
        for error in self._openapi.iter_response_errors(request, response):
            if not any(type(one).__name__ in UNDOCUMENTED for one in _causes(error)):
                yield from _sentences(error)


def _json(value: bytes, **_parameters: str) -> Any:
    """A body of JSON; the parameters of its media type, such as a charset, say nothing."""
    return json.loads(value)


def _guessed(value: bytes, **_parameters: str) -> Any:
    """A body of a range of types: JSON if it reads as such."""
    try:
        return json.loads(value)
    except ValueError:
        return _text(value)


def _text(value: bytes, **_parameters: str) -> str:
    """A body of text, whatever its bytes."""
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
    """A path item whose operations are served where all are: paths are compared, hosts are not."""
    if not isinstance(item, dict):
        return item
    return {
        name: {key: one for key, one in value.items() if key != "servers"} if isinstance(value, dict) else value
        for name, value in item.items()
        if name != "servers"
    }


def _judged(sentences: Iterator[str]) -> Iterator[str]:
    """The sentences, and where they end because a pattern is one of ECMA 262 that Python does not have, that one."""
    try:
        yield from sentences
    except re.error as error:
        yield f"cannot be judged: the pattern {error.pattern!r} is not one that Python can read"


class _Request:
    """An exchange's request in openapi-core's protocol."""

    def __init__(self, path: str, exchange: Exchange) -> None:
        self.host_url, self.path, self.full_url_pattern = HOST, path, HOST + path
        self.method = exchange.method.lower() if exchange.method != "HEAD" else "get"
        self.body = exchange.request.body or None
        self.content_type = exchange.request.header("Content-Type") or ""
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(exchange.query), header=Headers(list(exchange.request.headers)), cookie=_cookies(exchange)
        )


class _Response:
    """An exchange's answer in openapi-core's protocol."""

    def __init__(self, exchange: Exchange) -> None:
        self.data = exchange.answer.body
        self.status_code = exchange.status
        self.content_type = exchange.answer.header("Content-Type") or ""
        self.headers = Headers(list(exchange.answer.headers))


def _cookies(exchange: Exchange) -> ImmutableMultiDict[str, str]:
    try:
        cookies = SimpleCookie(exchange.request.header("Cookie") or "")
    except CookieError:
        return ImmutableMultiDict()
    return ImmutableMultiDict({name: morsel.value for name, morsel in cookies.items()})


def _sentences(error: BaseException) -> Iterator[str]:
    """What is wrong, with the place in the body where there is one."""
    for cause in _causes(error):
        found = [f"{'/'.join(map(str, one.absolute_path)) or 'the whole'}: {one.message}" for one in getattr(cause, "schema_errors", ())]
        if found:
            yield from found
            return
    yield str(list(_causes(error))[-1]) or type(error).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OpenAPIError) or cause is error or hasattr(cause, "schema_errors"):
            yield cause
        cause = cause.__cause__
