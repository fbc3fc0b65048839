"""A document's own error answers, filled with what is wrong now: what a mock says instead of RFC 9457."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract import examples
from contract.openapi.operations import Json, Response, escape, operations, resolve
from contract.runtime.platform import EncodedResponse
from contract.runtime.problems import Problem
from contract.runtime.responses import documented
from contract.runtime.validators import Validators

SENTENCES = ("error", "message", "title", "detail", "error_description")


class DocumentedProblems:
    """The answer that the asked operation gives a status, else the first of any; requests no operation takes come first (`x-unmatched`)."""

    def __init__(self, bundle: Json, validators: Validators) -> None:
        self._bundle = bundle
        self._validators = validators
        self._responses: dict[str, Response] = {}
        self._own = {one.id: one.responses for one in operations(bundle)}
        for one in _responses(bundle):
            self._responses.setdefault(one.status, one)

    def render(self, problem: Problem, request_id: str) -> EncodedResponse | None:
        """The answer that the operation, or else the document, has for the problem's status; None where there is none."""
        own = self._own.get(problem.operation or "", {})
        response = documented(own, problem.status) or self._responses.get(str(problem.status))
        if response is None:
            return None
        shown = examples.from_response(self._bundle, response, fits=self._fits)
        body = shown.body
        if isinstance(body, dict):
            pointer = f"{response.pointer}/content/{escape(shown.media_type or '')}/schema"
            body = self._filled(body, pointer, problem, request_id)
        headers = {name: value for name, value in shown.headers.items() if name.lower() != "x-request-id"} | problem.headers
        return EncodedResponse(problem.status, shown.media_type or "", examples.encode(shown.media_type, body), tuple(headers.items()))

    def _filled(self, body: Json, pointer: str, problem: Problem, request_id: str) -> Json:
        """The example's required fields with this problem's words, as far as the schema allows; else the example."""
        needed = {key: value for key, value in body.items() if not self._fits(pointer, {k: v for k, v in body.items() if k != key})}
        named = {"code": problem.code, "request_id": request_id}
        short = dict.fromkeys(SENTENCES, problem.sentence) | named
        full = dict.fromkeys(SENTENCES, told(problem)) | named
        for words, extra in ((short, problem.extra), (full, {}), (dict.fromkeys(SENTENCES, told(problem)), {})):
            candidate = needed | {key: value for key, value in words.items() if isinstance(needed.get(key), str)} | extra
            if self._fits(pointer, candidate):
                return candidate
        return body

    def _fits(self, pointer: str, value: Any) -> bool:
        return self._validators.at(pointer).is_valid(value)


def told(problem: Problem) -> str:
    """The problem in one sentence, with the fields it names."""
    details = problem.extra.get("details", {})
    by_field = [f"{field}: {', '.join(sentences)}" for field, sentences in details.get("fieldErrors", {}).items()]
    return ". ".join([problem.sentence, *by_field, *details.get("formErrors", ())])


def _responses(bundle: Json) -> Iterator[Response]:
    for status, written in bundle.get("x-unmatched", {}).items():
        node, pointer = resolve(bundle, written, f"/x-unmatched/{status}")
        media = {name: media.get("schema", {}) for name, media in node.get("content", {}).items()}
        yield Response(str(status), media, node.get("headers", {}), node, pointer, None)
    for operation in operations(bundle):
        yield from operation.responses.values()
