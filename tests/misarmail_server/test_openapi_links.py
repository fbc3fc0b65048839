"""Every documented link, followed once with the values of a real response; a fuzz run may miss some."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from typing_extensions import override

from contract.openapi.operations import operations
from contract.openapi.references import resolve
from misarmail_server import document
from tests.conftest import Api
from tests.support.calls.every_operation import CALLS

ALL = {operation.id: operation for operation in operations(document.bundle())}


class Anything:
    """A client whose every answer is a success and whose every value is a word: it gives a call's body without making anything."""

    def __getattr__(self, _: str) -> Anything:
        return self

    def __getitem__(self, _: Any) -> Anything:
        return self

    def __call__(self, *_: Any, **__: Any) -> Anything:
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    @override
    def __str__(self) -> str:
        return "x"

    @override
    def __eq__(self, _: object) -> bool:
        return True

    @override
    def __hash__(self) -> int:
        return hash(200)


def documented() -> list[tuple[str, str, str]]:
    """(operation, status, link's name) of every link."""
    return [
        (value.id, status, name)
        for value in ALL.values()
        for status, response in value.responses.items()
        for name in response.node.get("links", {})
        if "x-unavailable" not in value.node  # it has no successful answer to follow a link of
        if status != "202"
        or value.id != "send_email"  # only a relay that is down answers so; tests/misarmail_server/services/test_send.py follows it
    ]


def pointed(body: Any, expression: str) -> Any:
    """The value of `$response.body#/a/b` (OpenAPI 3.1, runtime expressions)."""
    for word in expression.removeprefix("$response.body#/").split("/"):
        body = body[int(word)] if isinstance(body, list) else body[word]
    return body


@pytest.mark.parametrize(("id_", "status", "name"), documented())
def test_every_link_leads_to_what_the_answer_names(api: Api, id_: Any, status: Any, name: Any) -> None:
    source = ALL[id_]
    link, _ = resolve(document.bundle(), source.responses[status].node["links"][name], "")
    target = ALL[link["operationId"]]
    if id_.startswith("list_"):
        _make_one(api, id_)
    method, path, options = CALLS[id_](api)
    answer = api(method, path, **options)
    assert answer.status_code == int(status)
    values = {key.rpartition(".")[2]: pointed(answer.json, each) for key, each in link.get("parameters", {}).items()}

    _, _, sent = CALLS[target.id](Anything())
    body = link.get("requestBody")
    if isinstance(body, dict):
        sent = {"json": {key: pointed(answer.json, each) if str(each).startswith("$") else each for key, each in body.items()}}
    path_names = re.findall(r"\{(\w+)\}", target.path)
    there = "/api" + re.sub(r"\{(\w+)\}", lambda name: quote(str(values[name[1]])), target.path)
    query = {key: value for key, value in values.items() if key not in path_names}
    followed = api(target.method.upper(), there, query_string=query, **sent)

    assert followed.status_code < 400 or followed.json["code"] in {"wrong_state", "feature_unavailable"}, followed.get_data(as_text=True)


def _make_one(api: Any, id_: str) -> None:
    """A list that is linked from must not be empty."""
    noun = id_.removeprefix("list_").removesuffix("s")
    for name in (f"create_{noun}", "send_to_sandbox" if noun == "sandbox_send" else ""):
        if name in CALLS:
            method, path, options = CALLS[name](api)
            api(method, path, **options)
