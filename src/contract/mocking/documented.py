"""A document's own error responses, filled with what is wrong now: what a mock returns instead of RFC 9457."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract import examples
from contract.openapi.operations import Json, Response, escape, operations, resolve
from contract.openapi.problem_shape import RFC_9457, problem_shape
from contract.runtime.media import essence
from contract.runtime.platform import Encoded
from contract.runtime.problems import Problem, as_json, in_one_sentence
from contract.runtime.responses import documented
from contract.runtime.validators import Validators

SENTENCES = ("error", "message", "title", "detail", "error_description")


class DocumentedProblems:
    """The answer that the asked operation gives a status, else the first of any; requests no operation takes come first (`x-unmatched`)."""

    def __init__(self, bundle: Json, validators: Validators) -> None:
        self._bundle = bundle
        self.shape = problem_shape(bundle)
        self._validators = validators
        self._responses: dict[str, Response] = {}
        self._own = {one.id: one.responses for one in operations(bundle)}
        for one in _responses(bundle):
            self._responses.setdefault(one.status, one)

    def render(self, problem: Problem, request_id: str) -> Encoded | None:
        """The answer that the operation, or else the document, has for the problem's status; None where there is none."""
        own = self._own.get(problem.operation or "", {})
        response = documented(own, problem.status) or self._responses.get(str(problem.status))
        if response is None:
            return None
        shown = examples.of_response(self._bundle, response, fits=self._fits)
        body = shown.body
        if isinstance(body, dict):
            body = self._filled(body, response, shown.media_type or "", (problem, request_id))
        headers = {name: value for name, value in shown.headers.items() if name.lower() != "x-request-id"} | problem.headers
        return Encoded(problem.status, shown.media_type or "", examples.encode(shown.media_type, body), tuple(headers.items()))

    def _filled(self, body: Json, response: Response, media_type: str, told: tuple[Problem, str]) -> Json:
        """The example's required fields with the problem's words, as far as the schema allows; else the example."""
        pointer = f"{response.pointer}/content/{escape(media_type)}/schema"
        needed = {key: value for key, value in body.items() if not self._fits(pointer, {k: v for k, v in body.items() if k != key})}
        if self.shape.is_declared or essence(media_type) == RFC_9457.media_type:
            body_of_shape = needed | as_json(told[0], self.shape, told[1])
            if self._fits(pointer, body_of_shape):
                return body_of_shape
        return next((candidate for candidate in _usual(needed, *told) if self._fits(pointer, candidate)), body)

    def _fits(self, pointer: str, value: Any) -> bool:
        return self._validators.at(pointer).is_valid(value)


def _usual(needed: Json, problem: Problem, request_id: str) -> Iterator[Json]:
    """Errors whose members have the usual names, with more and with fewer of the problem's words."""
    words = dict.fromkeys(SENTENCES, in_one_sentence(problem))
    named = words | {"code": problem.code, "request_id": request_id}
    for known, extra in ((named, problem.extra), (named, {}), (words, {})):
        yield needed | {key: value for key, value in known.items() if isinstance(needed.get(key), str)} | extra


def _responses(bundle: Json) -> Iterator[Response]:
    for status, written in bundle.get("x-unmatched", {}).items():
        node, pointer = resolve(bundle, written, f"/x-unmatched/{status}")
        media = {name: media.get("schema", {}) for name, media in node.get("content", {}).items()}
        yield Response(str(status), media, node.get("headers", {}), node, pointer, None)
    for operation in operations(bundle):
        yield from operation.responses.values()
