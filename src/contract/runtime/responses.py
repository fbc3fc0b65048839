"""The encoding of handlers' return values, and the check that the bytes are what the contract documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

from contract.errors import ContractError
from contract.openapi.media_types import Header
from contract.openapi.operations import Operation, Response
from contract.openapi.references import escape
from contract.runtime.binding import HandlerResponse, Signature
from contract.runtime.media import covering, essence, is_json
from contract.runtime.model_conversion import encodable
from contract.runtime.parameters import header_check
from contract.runtime.platform import EncodedResponse
from contract.runtime.validators import Validators

JSON = "application/json"
JSON_VALUES = (msgspec.Struct, dict, list, str, int, float, type(None))  # encoded as JSON; other values are bytes, or iterators of bytes
encode_json = msgspec.json.Encoder().encode


class UndocumentedResponseError(Exception):
    """A response that the contract does not document; the message says how."""


class ResponseEncoder:
    """The compiled responses of one operation."""

    def __init__(self, operation: Operation, signature: Signature) -> None:
        self._statuses: Mapping[Any, int] = signature.responses
        self._status = signature.status
        numbers = [signature.status, *signature.responses.values(), *(int(status) for status in operation.responses if status.isdigit())]
        self._media = {number: _media_of(operation.responses, number) for number in numbers}
        self._headers = list(_deprecation(operation))

    def encode(self, result: Any) -> EncodedResponse:
        """Encode with the status of the result's type. A `HandlerResponse` may have another status and headers."""
        if isinstance(result, msgspec.Struct):  # nearly every response
            status = self._statuses.get(type(result), self._status)
            return EncodedResponse(status, self._media[status][0] or JSON, encode_json(encodable(result)), self._headers)
        if isinstance(result, HandlerResponse):
            return self._encode_response(result)
        return self._encode(result, None, None, self._headers)

    def _encode_response(self, response: HandlerResponse[Any]) -> EncodedResponse:
        headers = [(name, value) for name, value in response.headers.items() if name.lower() != "content-type"]
        media_type = next((value for name, value in response.headers.items() if name.lower() == "content-type"), None)
        return self._encode(response.body, response.status, media_type, [*self._headers, *headers])

    def _encode(self, result: Any, status: int | None, media_type: str | None, headers: list[tuple[str, str]]) -> EncodedResponse:
        is_value = isinstance(result, JSON_VALUES)
        status = status or self._statuses.get(type(result) if is_value else bytes) or self._status
        json_type, bytes_type = self._media.get(status, (JSON, ""))
        if result is None and not json_type:
            return EncodedResponse(status, "", b"", headers)
        if is_value:
            return EncodedResponse(status, media_type or json_type or JSON, encode_json(encodable(result)), headers)
        media_type = media_type or bytes_type or json_type
        return (
            EncodedResponse(status, media_type, result, headers)
            if isinstance(result, bytes)
            else EncodedResponse(status, media_type, b"", headers, result)
        )


def _media_of(responses: Mapping[str, Response], status: int) -> tuple[str, str]:
    """(JSON media type, media type of bytes) that a status is documented with; empty without one."""
    response = documented(responses, status)
    media = list(response.media) if response else [JSON]
    json_type = next((media_type for media_type in media if is_json(essence(media_type))), "")
    bytes_type = next((media_type for media_type in media if media_type != json_type and "*" not in media_type), "")
    return json_type, bytes_type


def documented(responses: Mapping[str, Response], status: int) -> Response | None:
    """The documented response for a status: its own, that of its class (`2XX`), or the default."""
    for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if key in responses:
            return responses[key]
    return None


def _deprecation(operation: Operation) -> Iterator[tuple[str, str]]:
    """`Deprecation` (RFC 9745) from `x-deprecated-since`, and `Sunset` (RFC 8594) from `x-sunset`, both dates."""
    if operation.deprecated:
        yield "Deprecation", f"@{int(_midnight(operation, 'x-deprecated-since').timestamp())}"
    if "x-sunset" in operation.extensions:
        yield "Sunset", format_datetime(_midnight(operation, "x-sunset"), usegmt=True)


def _midnight(operation: Operation, extension: str) -> datetime:
    date = operation.extensions.get(extension, "1970-01-01")
    try:
        return datetime.fromisoformat(date).replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise ContractError(f"#{operation.pointer}: {extension} must be a date such as 2027-01-31") from error


class ResponseChecker:
    """Checks the responses of one operation against the contract, for tests and development."""

    def __init__(self, responses: Mapping[str, Response], validators: Validators) -> None:
        self._responses = responses
        self._validators = validators
        self._header_checks: dict[str, Callable[[str], bool]] = {}

    def check(self, encoded: EncodedResponse, sent: Mapping[str, str]) -> None:
        """Raises UndocumentedResponseError for an undocumented status, media type, header or body."""
        response = documented(self._responses, encoded.status)
        if response is None:
            raise UndocumentedResponseError(f"status {encoded.status} is not documented")
        self._check_headers(response, {name.lower(): value for name, value in sent.items()})
        if not response.media and not encoded.body and encoded.stream is None:
            return
        media_type = covering(response.media, encoded.media_type)
        if media_type is None:
            raise UndocumentedResponseError(f"media type {encoded.media_type or 'none'} is not documented for {encoded.status}")
        if is_json(essence(encoded.media_type)) and encoded.stream is None:
            self._check_body(response, media_type, encoded.body)

    def _check_headers(self, response: Response, sent: Mapping[str, str]) -> None:
        for header in response.fields.values():
            value = sent.get(header.name.lower())
            if value is None and header.required:
                raise UndocumentedResponseError(f"header {header.name} is required on {response.status}")
            if value is not None and not self._fits(header, value):
                raise UndocumentedResponseError(f"header {header.name} of {response.status} is not what is documented: {value}")

    def _fits(self, header: Header, value: str) -> bool:
        if header.pointer not in self._header_checks:
            self._header_checks[header.pointer] = header_check(self._validators, header)
        return self._header_checks[header.pointer](value)

    def _check_body(self, response: Response, media_type: str, body: bytes) -> None:
        validator = self._validators.at(f"{response.pointer}/content/{escape(media_type)}/schema")
        try:
            value = msgspec.json.decode(body)
        except msgspec.MsgspecError as error:
            raise UndocumentedResponseError(f"{response.status}: the body is not JSON: {error}") from error
        schema_error = next(iter(validator.iter_errors(value)), None)
        if schema_error is not None:
            raise UndocumentedResponseError(
                f"{response.status}: at {'/'.join(map(str, schema_error.instance_path)) or 'the root'}: {schema_error.message}"
            )
