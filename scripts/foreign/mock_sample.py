"""Calls a sample of a document's operations on its mock; openapi-core checks each response."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.test import Client

from contract.dev.wsgi_server import background_loop
from contract.docs.samples import SampleRequest, Samples, text
from contract.mocking.mock import application
from contract.openapi import document
from contract.openapi.operations import Operation, operations
from contract.openapi.references import Json
from contract.openapi.servers import base_path
from contract.runtime.media import essence, is_json
from contract.traffic.conformance import ExchangeValidator
from contract.traffic.exchange import Exchange, HttpMessage

SAMPLE = 40
BROKEN = 500


def check_sample(path: Path, report: Path) -> str:
    """`ok`, or the first response that does not match the document; the report has a line for each."""
    bundle = document.load(path).bundle
    client = Client(application(bundle, background_loop()), use_cookies=False)
    judge = ExchangeValidator(bundle)
    samples = Samples(bundle, base_path(bundle))
    lines = [_checked(client, judge, samples.request(operation), operation) for operation in _sample(bundle)]
    report.write_text("\n".join(lines))
    wrong = [line for line in lines if line.startswith("WRONG")]
    answered = sum(line.startswith("answered") for line in lines)
    return f"{len(wrong)} of {len(lines)} wrong: {wrong[0]}" if wrong else f"ok ({answered} of {len(lines)} answered)"


def _sample(bundle: Json) -> list[Operation]:
    """All operations of a small document, every nth of a large one."""
    listed = list(operations(bundle))
    return listed[:: max(1, len(listed) // SAMPLE)]


def _form(request: SampleRequest) -> dict[str, list[Any]]:
    """The parts as werkzeug's client takes them; a part with a type is a file for it."""
    form: dict[str, list[Any]] = {}
    for part in request.parts:
        is_text = part.file_name is None and part.content_type is None
        value: Any = part.content.decode() if is_text else (BytesIO(part.content), part.file_name or "", part.content_type or "")
        form.setdefault(part.name, []).append(value)
    return form


def _checked(client: Client, judge: ExchangeValidator, request: SampleRequest, operation: Operation) -> str:
    parts = urlsplit(request.url)
    body: Any = {"data": text(request).encode()} if request.has_body and not request.parts else {}
    form = {"data": _form(request), "content_type": "multipart/form-data"} if request.parts else body
    response = client.open(parts.path, method=request.method, query_string=parts.query, headers=request.headers, **form)
    exchange = Exchange(
        request.method,
        request.url,
        response.status_code,
        HttpMessage((), None),
        HttpMessage(tuple(response.headers.items()), response.data),
    )
    known = response.status_code < 400 or str(response.status_code) in operation.responses  # noqa: PLR2004 - refusals
    judged = known and request.method != "HEAD" and response.data and is_json(essence(response.content_type or ""))
    wrong = list(judge.violations(operation.path, exchange)) if judged else []
    name = f"{request.method} {operation.path} {response.status_code}"
    if wrong:
        return f"WRONG {name}: {wrong[0][1][:200]}"
    if response.status_code >= BROKEN and str(response.status_code) not in operation.responses:
        return f"WRONG {name}: {response.text[:300]}"
    return f"answered {name}" if response.status_code < 400 else f"refused {name}: {response.text[:300]}"  # noqa: PLR2004 - refusals
