"""From what a handler returns to bytes, and the check that the bytes are what the contract promises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

from contract.errors import ContractError
from contract.openapi.operations import Json, Operation, Parameter, Response, escape, resolve
from contract.runtime import styles
from contract.runtime.binding import HandlerResponse, Signature
from contract.runtime.media import essence, is_json
from contract.runtime.platform import EncodedResponse
from contract.runtime.validators import Validators

JSON = "application/json"
VALUES = (msgspec.Struct, dict, list, str, int, float, type(None))  # what becomes JSON; all else is bytes, or an iterator of bytes
encode_json = msgspec.json.Encoder().encode


class UndocumentedError(Exception):
    """An answer that the contract does not describe; the message says how."""


class Encoder:
    """The compiled answers of one operation."""

    def __init__(self, operation: Operation, signature: Signature) -> None:
        self._answers: Mapping[Any, int] = signature.responses
        self._status = signature.status
        numbers = [signature.status, *signature.responses.values(), *(int(one) for one in operation.responses if one.isdigit())]
        self._media = {number: _media_of(operation.responses, number) for number in numbers}
        self._headers = list(_deprecation(operation))

    def encode(self, answer: Any) -> EncodedResponse:
        """Bytes with the status that the answer's type has. A `Reply` may name another status and header fields."""
        if isinstance(answer, msgspec.Struct):  # nearly every answer
            status = self._answers.get(type(answer), self._status)
            return EncodedResponse(status, self._media[status][0] or JSON, encode_json(answer), self._headers)
        if isinstance(answer, HandlerResponse):
            return self._reply(answer)
        return self._encode(answer, None, None, self._headers)

    def _reply(self, reply: HandlerResponse[Any]) -> EncodedResponse:
        headers = [(name, value) for name, value in reply.headers.items() if name.lower() != "content-type"]
        media_type = next((value for name, value in reply.headers.items() if name.lower() == "content-type"), None)
        return self._encode(reply.body, reply.status, media_type, [*self._headers, *headers])

    def _encode(self, answer: Any, status: int | None, media_type: str | None, headers: list[tuple[str, str]]) -> EncodedResponse:
        is_value = isinstance(answer, VALUES)
        status = status or self._answers.get(type(answer) if is_value else bytes) or self._status
        of_json, of_bytes = self._media.get(status, (JSON, ""))
        if answer is None and not of_json:
            return EncodedResponse(status, "", b"", headers)
        if is_value:
            return EncodedResponse(status, media_type or of_json or JSON, encode_json(answer), headers)
        media_type = media_type or of_bytes or of_json
        return (
            EncodedResponse(status, media_type, answer, headers)
            if isinstance(answer, bytes)
            else EncodedResponse(status, media_type, b"", headers, answer)
        )


def _media_of(responses: Mapping[str, Response], status: int) -> tuple[str, str]:
    """(media type of JSON, of bytes) that a status is documented with, empty where it has none."""
    response = documented(responses, status)
    media = list(response.media) if response else [JSON]
    of_json = next((one for one in media if is_json(essence(one))), "")
    of_bytes = next((one for one in media if one != of_json and "*" not in one), "")
    return of_json, of_bytes


def documented(responses: Mapping[str, Response], status: int) -> Response | None:
    """The response of a status: its own, that of its class (`2XX`), or the default."""
    for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
        if key in responses:
            return responses[key]
    return None


def _deprecation(operation: Operation) -> Iterator[tuple[str, str]]:
    """`Deprecation` (RFC 9745) since `x-deprecated-since`, and `Sunset` (RFC 8594) on `x-sunset`, both written as dates."""
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


class Checker:
    """Judges answers of one operation by the contract, for tests and development."""

    def __init__(self, bundle: Json, responses: Mapping[str, Response], validators: Validators) -> None:
        self._bundle = bundle
        self._responses = responses
        self._validators = validators

    def check(self, encoded: EncodedResponse, sent: Mapping[str, str]) -> None:
        """Raises UndocumentedError for a status, media type, header field or body that is not documented."""
        response = documented(self._responses, encoded.status)
        if response is None:
            raise UndocumentedError(f"status {encoded.status} is not documented")
        self._check_headers(response, {name.lower(): value for name, value in sent.items()})
        if not response.media and not encoded.body and encoded.stream is None:
            return
        written = _covering(response.media, encoded.media_type)
        if written is None:
            raise UndocumentedError(f"media type {encoded.media_type or 'none'} is not documented for {encoded.status}")
        if is_json(essence(encoded.media_type)) and encoded.stream is None:
            self._check_body(response, written, encoded.body)

    def _check_headers(self, response: Response, sent: Mapping[str, str]) -> None:
        for name, written in response.headers.items():
            header, pointer = resolve(self._bundle, written, f"{response.pointer}/headers/{escape(name)}")
            value = sent.get(name.lower())
            if value is None and header.get("required"):
                raise UndocumentedError(f"header {name} is required on {response.status}")
            if value is not None and "schema" in header and not self._fits(name, header, pointer, value):
                raise UndocumentedError(f"header {name} of {response.status} is not what is documented: {value}")

    def _fits(self, name: str, header: Json, pointer: str, value: str) -> bool:
        field = Parameter(
            name=name,
            location="header",
            required=False,
            schema=header["schema"],
            style="simple",
            explode=bool(header.get("explode")),
            media_type=None,
            node=header,
            pointer=pointer,
        )
        decoded = styles.decoder(self._bundle, field)(value)
        return self._validators.at(f"{pointer}/schema").is_valid(decoded)

    def _check_body(self, response: Response, written: str, body: bytes) -> None:
        validator = self._validators.at(f"{response.pointer}/content/{escape(written)}/schema")
        try:
            value = msgspec.json.decode(body)
        except msgspec.MsgspecError as error:
            raise UndocumentedError(f"{response.status}: the body is not JSON: {error}") from error
        wrong = next(iter(validator.iter_errors(value)), None)
        if wrong is not None:
            raise UndocumentedError(f"{response.status}: at {'/'.join(map(str, wrong.instance_path)) or 'the root'}: {wrong.message}")


def _covering(media: Iterable[str], media_type: str) -> str | None:
    """The documented media type or range that covers one."""
    wanted = essence(media_type)
    known = {essence(written): written for written in media}
    ranges = (wanted, f"{wanted.partition('/')[0]}/*", "*/*") if wanted else ()
    return next((known[one] for one in ranges if one in known), None)
