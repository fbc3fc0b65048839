"""The second opinion: openapi-core judges the exchanges of all tests, and what was seen of the document is remembered.

The platform checks every answer of a test itself (`MISARMAIL_CHECK_ANSWERS`). openapi-core takes milliseconds for an exchange, half of the
suite's time, so a process shows it each shape once: an operation, a status, and the names and types in the request and in the answer. With
`EXCHANGES=all`, as in `make coverage`, it judges every exchange.
"""

from __future__ import annotations

import json
import os
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.validation.request.exceptions import SecurityValidationError
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request

from contract.openapi.operations import operations
from contract.runtime.router import Router
from contract.runtime.validators import Validators
from contract.testing.coverage import measure
from contract.testing.coverage_html import label
from contract.traffic.exchange import Exchange, HttpMessage
from contract.traffic.observing import Observation, Observer
from misarmail_contract import problems
from misarmail_server import document

BASE = "/api"
RECORD = Path(__file__).parents[2] / "build" / "exchanges.jsonl"
# Set by the first process of a run and inherited by its workers, so that runs at the same time do not mix.
RUN = os.environ.setdefault("EXCHANGES_RUN", str(os.getpid()))
FOLDER = Path(tempfile.gettempdir()) / f"misarmail-exchanges-{RUN}"
UNMATCHED = {404: "NotFound", 405: "MethodNotAllowed"}
JUDGES_ALL = os.environ.get("EXCHANGES") == "all"
Code = tuple[str, int]  # an error code and its status


def check(request: Request, answer: TestResponse) -> None:
    """Fail when the answer, or a request that was accepted, is not what the contract describes."""
    path = request.path
    if not path.startswith(f"{BASE}/"):
        return
    operation_id = _operation_id(request.method, path.removeprefix(BASE))
    if operation_id is None:
        _check_unmatched(request, answer)
    elif JUDGES_ALL or _is_new(_shape(operation_id, request, answer)):
        _check_documented(request, answer)
    if answer.status_code >= 400:
        body: Any = answer.json
        _remember((body["code"], answer.status_code))
    for seen in _observer().observe(path.removeprefix(BASE), _exchange(request, answer)):
        _remember(seen)


def judge(session: pytest.Session) -> None:
    """At the end of a whole run: every operation succeeded, every documented refusal and error code was seen."""
    if hasattr(session.config, "workerinput") or session.exitstatus != 0:
        return
    seen = _recall()
    if session.config.option.keyword or session.config.args != session.config.getini("testpaths"):
        return
    things = sorted(each for each in seen if isinstance(each, Observation))
    _keep(things)
    responses = measure(document.bundle(), things).shares["responses"]
    missing = [*map(label, responses.missing), *_missing_codes({each for each in seen if not isinstance(each, Observation)})]
    if missing:
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(f"\nNever seen in any test: {', '.join(missing)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _keep(seen: list[Observation]) -> None:
    """The record that `contract coverage` reads."""
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text("".join(json.dumps({name: value for name, value in each._asdict().items() if value}) + "\n" for each in seen))


def _missing_codes(pairs: set[Code]) -> list[str]:
    return [f"{code} with {status}" for code, statuses in problems.STATUSES.items() for status in statuses if (code, status) not in pairs]


def _shape(operation_id: str, request: Request, answer: TestResponse) -> tuple[Any, ...]:
    """The differences between exchanges that openapi-core can see, without the values of texts and numbers."""
    is_judged = answer.status_code < 300  # a refused request is not
    content = _structure(request.get_json(silent=True)) if is_judged else None
    sent = frozenset(request.args), frozenset(request.headers.keys()), request.mimetype, content
    body = _structure(answer.get_json(silent=True)) if answer.is_json else None
    return (operation_id, request.method, *sent, answer.status_code, frozenset(answer.headers.keys()), answer.mimetype, body)


def _structure(value: Any) -> Any:
    """The names and types in a JSON value; the items of a list as a set."""
    if isinstance(value, dict):
        return frozenset((name, _structure(member)) for name, member in value.items())
    if isinstance(value, list):
        return list, frozenset(map(_structure, value))
    return type(value)


_judged: set[tuple[Any, ...]] = set()


def _is_new(shape: tuple[Any, ...]) -> bool:
    """Whether this process sees the shape for the first time."""
    count = len(_judged)
    _judged.add(shape)
    return len(_judged) > count


def _check_documented(sent: Request, answer: TestResponse) -> None:
    request = WerkzeugOpenAPIRequest(sent)
    if answer.status_code < 300:
        try:
            _openapi().validate_request(request)
        except SecurityValidationError:
            raise AssertionError("a request without its credentials was accepted") from None
    _openapi().validate_response(request, WerkzeugOpenAPIResponse(answer))


def _check_unmatched(request: Request, answer: TestResponse) -> None:
    if request.method == "OPTIONS":
        assert answer.status_code == 204
        return
    name = UNMATCHED[answer.status_code]
    error = next(iter(_validators().at(f"/components/responses/{name}/content/application~1json/schema").iter_errors(answer.json)), None)
    assert error is None, error


@cache
def _openapi() -> OpenAPI:
    # The document was validated by `contract lint`; doing it again would take seconds in each worker.
    # A text is a string in the schema; openapi-core itself knows so only of text/plain.
    texts: dict[str, Any] = {"text/csv": partial(bytes.decode, errors="replace"), "text/event-stream": bytes.decode}
    return OpenAPI.from_dict(document.bundle(), config=Config(spec_validator_cls=None, extra_media_type_deserializers=texts))


@cache
def _validators() -> Validators:
    return Validators(document.bundle())


@cache
def _router() -> Router[str]:
    return Router((operation.method, operation.path, operation.id) for operation in operations(document.bundle()))


def _operation_id(method: str, path: str) -> str | None:
    result = _router().find(path)
    if result is None:
        return None
    return result[0].get(method) or (result[0].get("GET") if method == "HEAD" else None)


@cache
def _observer() -> Observer:
    return Observer(document.bundle())


def _exchange(request: Request, answer: TestResponse) -> Exchange:
    """A request and its response. A stream of events may be endless."""
    sent = HttpMessage(tuple(request.headers.items()), request.get_data())
    body = None if answer.mimetype == "text/event-stream" else answer.get_data()
    return Exchange(request.method, request.url, answer.status_code, sent, HttpMessage(tuple(answer.headers.items()), body))


_seen: set[Observation | Code] = set()


def _remember(exchange: Observation | Code) -> None:
    """One small file a process and new exchange; the controller of a parallel run reads them all."""
    if exchange in _seen:
        return
    _seen.add(exchange)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{os.getpid()}").open("a") as file:
        file.write(json.dumps(exchange) + "\n")


def _recall() -> set[Observation | Code]:
    """The exchanges of all processes of this run; their files are removed."""
    result: set[Observation | Code] = set()
    for path in FOLDER.glob("*") if FOLDER.is_dir() else ():
        written = map(json.loads, path.read_text().splitlines())
        result |= {Observation(*each) if len(each) == len(Observation._fields) else (each[0], each[1]) for each in written}
        path.unlink()
    if FOLDER.is_dir():
        FOLDER.rmdir()
    return result
