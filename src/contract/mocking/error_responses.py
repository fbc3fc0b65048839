"""The document's error responses, filled with the current problem. A mock returns them instead of RFC 9457 documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract import example_values
from contract.openapi.operations import Response, operations, response_of
from contract.openapi.problem_shape import RFC_9457, problem_shape
from contract.openapi.references import Json, escape
from contract.runtime.media import essence
from contract.runtime.platform import EncodedResponse
from contract.runtime.problems import Problem, as_json, in_one_sentence
from contract.runtime.responses import documented
from contract.runtime.validators import Validators

MESSAGE_FIELDS = ("error", "message", "title", "detail", "error_description")


class DocumentedProblems:
    """The error response of an operation for a status, else the first of any operation.

    Responses to requests that match no operation come first (`x-unmatched`).
    """

    def __init__(self, bundle: Json, validators: Validators) -> None:
        self._bundle = bundle
        self.shape = problem_shape(bundle)
        self._validators = validators
        self._responses: dict[str, Response] = {}
        self._by_operation = {operation.id: operation.responses for operation in operations(bundle)}
        for response in _responses(bundle):
            self._responses.setdefault(response.status, response)

    def render(self, problem: Problem, request_id: str) -> EncodedResponse | None:
        """The response that the operation, or else the document, has for the problem's status; None without one."""
        responses = self._by_operation.get(problem.operation or "", {})
        response = documented(responses, problem.status) or self._responses.get(str(problem.status))
        if response is None:
            return None
        example = example_values.from_response(self._bundle, response, fits=self._fits)
        body = example.body
        if isinstance(body, dict):
            body = self._filled(body, response, example.media_type or "", (problem, request_id))
        headers = {name: value for name, value in example.headers.items() if name.lower() != "x-request-id"} | problem.headers
        return EncodedResponse(
            problem.status, example.media_type or "", example_values.encode(example.media_type, body), tuple(headers.items())
        )

    def _filled(self, body: Json, response: Response, media_type: str, problem_and_id: tuple[Problem, str]) -> Json:
        """The example's required fields with the values of this problem, if the schema accepts them; else the example."""
        problem, request_id = problem_and_id
        pointer = f"{response.pointer}/content/{escape(media_type)}/schema"
        required = {key: value for key, value in body.items() if not self._fits(pointer, {k: v for k, v in body.items() if k != key})}
        if self.shape.is_declared or essence(media_type) == RFC_9457.media_type:
            body_of_shape = required | as_json(problem, self.shape, request_id)
            if self._fits(pointer, body_of_shape):
                return body_of_shape
        candidates = _with_usual_names(required, problem, request_id)
        return next((candidate for candidate in candidates if self._fits(pointer, candidate)), body)

    def _fits(self, pointer: str, value: Any) -> bool:
        return self._validators.at(pointer).is_valid(value)


def _with_usual_names(required: Json, problem: Problem, request_id: str) -> Iterator[Json]:
    """Errors whose members have the usual names, with more and with fewer values of the problem."""
    messages = dict.fromkeys(MESSAGE_FIELDS, in_one_sentence(problem))
    with_codes = messages | {"code": problem.code, "request_id": request_id}
    for values, extra in ((with_codes, problem.extra), (with_codes, {}), (messages, {})):
        yield required | {key: value for key, value in values.items() if isinstance(required.get(key), str)} | extra


def _responses(bundle: Json) -> Iterator[Response]:
    for status, raw in bundle.get("x-unmatched", {}).items():
        yield response_of(bundle, str(status), raw, f"/x-unmatched/{status}")
    for operation in operations(bundle):
        yield from operation.responses.values()
