"""From what a handler returns to bytes, and the check that the bytes are what the contract promises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

from contract.operations import Json, Operation, Response, escape, resolve
from contract.runtime.binding import Reply, Signature
from contract.runtime.bodies import is_json
from contract.runtime.platform import Encoded
from contract.runtime.validators import Validators

encode_json = msgspec.json.Encoder().encode


class UndocumentedError(Exception):
    """An answer that the contract does not describe; the message says how."""


class Encoder:
    """The compiled answers of one operation."""

    def __init__(self, operation: Operation, signature: Signature) -> None:
        self._answers: Mapping[Any, int] = signature.answers
        self._status = signature.status
        self._media = {status: next(iter(one.media), "") for status, one in operation.responses.items()}
        self._headers = list(_deprecation(operation))

    def encode(self, answer: Any) -> Encoded:
        """Bytes with the status that the answer's type has. A `Reply` may name another status and header fields."""
        headers = self._headers
        status = None
        if isinstance(answer, Reply):
            headers = [*headers, *answer.headers.items()]
            answer, status = answer.body, answer.status
        status = status or self._answers.get(type(answer), self._status)
        media_type = self._media.get(str(status), "application/json")
        body = answer if isinstance(answer, bytes) else b"" if not media_type and answer is None else encode_json(answer)
        return Encoded(status, media_type, body, headers)


def _deprecation(operation: Operation) -> Iterator[tuple[str, str]]:
    """`Deprecation` (RFC 9745) since `x-deprecated-since`, and `Sunset` (RFC 8594) on `x-sunset`, both written as dates."""
    if operation.deprecated:
        yield "Deprecation", f"@{int(_midnight(operation.extensions.get('x-deprecated-since', '1970-01-01')).timestamp())}"
    if "x-sunset" in operation.extensions:
        yield "Sunset", format_datetime(_midnight(operation.extensions["x-sunset"]), usegmt=True)


def _midnight(date: str) -> datetime:
    return datetime.fromisoformat(date).replace(tzinfo=UTC)


class Checker:
    """Judges answers of one operation by the contract, for tests and development."""

    def __init__(self, bundle: Json, responses: Mapping[str, Response], validators: Validators) -> None:
        self._bundle = bundle
        self._responses = responses
        self._validators = validators

    def check(self, encoded: Encoded, sent: Mapping[str, str]) -> None:
        """Raises UndocumentedError for a status, media type, header field or body that is not documented."""
        response = self._responses.get(str(encoded.status))
        if response is None:
            raise UndocumentedError(f"status {encoded.status} is not documented")
        self._check_headers(response, {name.lower(): value for name, value in sent.items()})
        if not response.media and not encoded.body:
            return
        if encoded.media_type not in response.media:
            raise UndocumentedError(f"media type {encoded.media_type or 'none'} is not documented for {encoded.status}")
        if is_json(encoded.media_type) and response.media[encoded.media_type]:
            self._check_body(response, encoded)

    def _check_headers(self, response: Response, sent: Mapping[str, str]) -> None:
        for name, written in response.headers.items():
            header, _ = resolve(self._bundle, written, "")
            if header.get("required") and name.lower() not in sent:
                raise UndocumentedError(f"header {name} is required on {response.status}")

    def _check_body(self, response: Response, encoded: Encoded) -> None:
        validator = self._validators.at(f"{response.pointer}/content/{escape(encoded.media_type)}/schema")
        error = next(iter(validator.iter_errors(msgspec.json.decode(encoded.body))), None)
        if error is not None:
            raise UndocumentedError(f"{response.status}: at {'/'.join(map(str, error.instance_path)) or 'the root'}: {error.message}")
