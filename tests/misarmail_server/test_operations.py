"""Rules that hold for every operation, tested for every operation: the list is the contract's own."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from contract.openapi.operations import Operation, operations
from contract.openapi.references import resolve
from misarmail_contract import problems
from misarmail_contract.handlers import HANDLERS
from misarmail_contract.routes import SIGNATURES
from misarmail_server import document
from misarmail_server.db import tables
from misarmail_server.errors import Unavailable
from tests.conftest import Api, Platform
from tests.support.calls.every_operation import CALLS

ALL = {operation.id: operation for operation in operations(document.bundle())}
LISTS = [id_ for id_ in ALL if id_.startswith("list_")]
SECURED = [id_ for id_, each in ALL.items() if each.security]
BY_KEY = [id_ for id_ in SECURED if any("apiKey" in each for each in ALL[id_].security)]
BY_SESSION_ONLY = [id_ for id_ in SECURED if id_ not in BY_KEY]
BODIES = {id_: each.body for id_, each in ALL.items() if each.body}
WITH_BODY = list(BODIES)
NEEDING_A_BODY = [id_ for id_, body in BODIES.items() if body.required]
WITH_QUERY = [id_ for id_, each in ALL.items() if any(parameter.location == "query" for parameter in each.parameters)]
UNREADABLE = {
    b"{": "The body is not valid JSON",
    b'{"name": NaN}': "The body is not valid JSON",
    b'{"name": "\xff"}': "The body is not UTF-8",
    b'{"name": "\\ud800"}': "The body is not valid JSON",
    b"[" * 3_900: "The body is nested too deeply",
}
CONDITIONAL = [id_ for id_, each in ALL.items() if "304" in each.responses]
DEPRECATED = [id_ for id_, each in ALL.items() if each.deprecated]
OF_AN_OBJECT = [
    id_ for id_, body in BODIES.items() if resolve(document.bundle(), body.media.get("application/json", {}), "")[0].get("type") == "object"
]
# An operation that does not run in this version is refused, and says so.
SUCCESSES = {
    id_: 403 if "x-unavailable" in each.node else min(int(status) for status in each.responses if status.startswith("2"))
    for id_, each in ALL.items()
}
OF_ONE_THING = [id_ for id_, each in ALL.items() if "404" in each.responses and "{" in each.path]


def scopes(operation: Operation) -> set[str]:
    return {scope for alternative in operation.security for needed in alternative.values() for scope in needed}


def test_every_operation_has_a_call_to_test_it_with() -> None:
    assert CALLS.keys() == ALL.keys()


def test_every_operation_has_tests_of_its_own_name() -> None:
    names = {
        node.name
        for path in Path(__file__).parent.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }

    assert [id_ for id_ in ALL if not any(name.startswith(f"test_{id_}_") for name in names)] == []


def test_every_error_code_belongs_to_a_documented_answer() -> None:
    declared = document.bundle()["components"]["schemas"]["ErrorCode"]["enum"]

    assert sorted(declared) == sorted(problems.STATUSES)


STRICT = [id_ for id_, each in ALL.items() if each.node.get("x-unknown-parameters") != "ignore"]


@pytest.mark.parametrize("id_", STRICT)
def test_refuses_a_query_parameter_that_it_does_not_have(api: Api, id_: Any) -> None:
    """A misspelt filter would answer with all contacts (`?serch=ada`), a misspelt period with another one."""
    method, path, options = CALLS[id_](api)
    known = [parameter.name for parameter in ALL[id_].parameters if parameter.location == "query"]
    misspelt = f"{known[0][:-1]}_" if known else "verbose"

    answer = api(method, f"{path}{'&' if '?' in path else '?'}{misspelt}=1", **options)

    hint = f"; did you mean {known[0]}?" if known and len(known[0]) > 3 else ""
    assert (answer.status_code, answer.json["code"]) == (400, "unknown_parameter")
    assert answer.json["details"]["fieldErrors"][misspelt][0].startswith(f"Unknown parameter{hint}")


@pytest.mark.parametrize("name", ["X-MisarMail-Sandbx", "X-MisarMail-Anything", "Idempotancy-Key", "Idempotency-Keys", "X-Source-Apps"])
@pytest.mark.parametrize("id_", ["send_email", "list_contacts"])
def test_refuses_a_misspelt_header_parameter(api: Api, id_: Any, name: str) -> None:
    method, path, options = CALLS[id_](api)

    answer = api(method, path, **{**options, "headers": {**options.get("headers", {}), name: "1"}})

    assert (answer.status_code, answer.json["code"]) == (400, "unknown_parameter")


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X-Request-Id", "Idempotency-Key", "Traceparent", "X-Source-Ip", "Sec-Fetch-Mode"])
def test_accepts_header_fields_that_are_not_meant_for_it(api: Api, name: str) -> None:
    method, path, options = CALLS["list_contacts"](api)

    assert api(method, path, **{**options, "headers": {**options.get("headers", {}), name: "1"}}).status_code == 200


@pytest.mark.parametrize("id_", ALL)
def test_answers_a_valid_call(api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)

    answer = api(method, path, **options)

    assert answer.status_code == SUCCESSES[id_]
    assert answer.mimetype != "application/json" or answer.json["success"] is (answer.status_code < 400)
    assert answer.headers["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize("id_", LISTS)
def test_a_list_has_its_total_page_and_limit_at_the_top(api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)
    names = {parameter.name for parameter in ALL[id_].parameters}
    is_paged = "page" in names
    if "cursor" in names and not is_paged:  # nothing is counted: the cursor tells whether there is more
        assert api(method, path, **options).json["next_cursor"] is None
        return

    seen = api(method, f"{path}?page=2&limit=7" if is_paged else path, **options).json

    assert isinstance(seen["total"], int)
    assert (seen["page"], seen["limit"]) == ((2, 7) if is_paged else (1, max(1, seen["total"])))


@pytest.mark.parametrize("id_", SECURED)
def test_refuses_a_call_without_a_key(platform: Platform, api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)

    refused = platform.client()(method, path, **options)

    assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("id_", SECURED)
def test_refuses_a_key_that_was_revoked(platform: Platform, api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)
    account_id = platform.make.account("eve@example.com")
    revoked = platform.api(account_id=account_id)
    revocation = update(tables.Key).where(tables.Key.account_id == account_id).values(revoked_at=1)
    platform.store.write(lambda connection: connection.execute(revocation).rowcount)

    refused = revoked(method, path, **options)

    assert (refused.status_code, refused.json["code"]) == (401, "key_revoked" if id_ in BY_KEY else "unauthenticated")


@pytest.mark.parametrize("id_", BY_SESSION_ONLY)
def test_refuses_a_key_where_only_a_session_will_do(platform: Platform, api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)

    refused = platform.client({"Authorization": api.headers["Authorization"]})(method, path, **options)

    assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")
    assert refused.json["error"].startswith("Sign in first")


@pytest.mark.parametrize("id_", CONDITIONAL)
def test_answers_304_to_who_has_it_already(api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)
    tag = api(method, path, **options).headers["ETag"]

    again = api(method, path, **options, headers={"If-None-Match": tag})

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("id_", DEPRECATED)
def test_says_that_it_is_deprecated(api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)

    answer = api(method, path, **options)

    assert answer.headers["Deprecation"].startswith("@")
    assert answer.headers["Sunset"].endswith("GMT")


@pytest.mark.parametrize("id_", BY_KEY)
def test_refuses_a_key_without_the_scope(platform: Platform, api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)
    every = set(document.bundle()["components"]["schemas"]["Scope"]["enum"])
    others = sorted(every - scopes(ALL[id_]))

    refused = platform.api(*others, account_id=platform.make.account("eve@example.com"))(method, path, **options)

    assert (refused.status_code, refused.json["code"]) == (403, "scope_missing")
    assert "X-RateLimit-Remaining" in refused.headers


@pytest.mark.parametrize(("id_", "scope"), [(id_, scope) for id_ in BY_KEY for scope in sorted(scopes(ALL[id_]))])
def test_takes_any_one_of_its_scopes(platform: Platform, id_: Any, scope: Any) -> None:
    account_id = platform.make.account()
    method, path, options = CALLS[id_](platform.everything(account_id))
    needed = ["send", "keys:manage"] if id_ == "create_key" else [scope]

    answer = platform.api(*needed, account_id=account_id)(method, path, **options)

    assert answer.status_code == (403 if (id_, scope) == ("send_email", "send:marketing") else SUCCESSES[id_])


@pytest.mark.parametrize("id_", [id_ for id_ in OF_ONE_THING if id_ in SECURED])
def test_hides_what_belongs_to_another_account(platform: Platform, api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)
    stranger = platform.everything(platform.make.account("eve@example.com"))

    refused = stranger(method, path, **options)

    assert (refused.status_code, refused.json["code"]) == (404, "not_found")
    assert api(method, path, **options).status_code == SUCCESSES[id_]


@pytest.mark.parametrize("id_", OF_ONE_THING)
def test_refuses_an_id_that_cannot_be_one(api: Api, id_: Any) -> None:
    method, _, options = CALLS[id_](api)

    refused = api(method, "/api" + re.sub(r"\{\w+\}", "x" * 300, ALL[id_].path), **options)

    assert (refused.status_code, refused.json["code"]) == (400, "validation_failed")
    assert any(fielderror[0].startswith("Must have at most ") for fielderror in refused.json["details"]["fieldErrors"].values())


@pytest.mark.parametrize("id_", [id_ for id_, each in ALL.items() if "429" in each.responses])
def test_counts_requests_and_refuses_the_one_too_many(platform: Platform, api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)
    account_id = platform.make.account("busy@example.com")
    limited = platform.client(platform.everything(account_id).headers, rate_limits=0.0001)

    refused = limited(method, path, **options)

    assert (refused.status_code, refused.json["code"]) == (429, "rate_limited")
    assert (refused.headers["X-RateLimit-Limit"], refused.headers["X-RateLimit-Remaining"]) == ("0", "0")
    assert 1 <= refused.json["retryAfter"] == int(refused.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("id_", WITH_BODY)
def test_refuses_a_body_of_another_type(api: Api, id_: Any) -> None:
    method, path, _ = CALLS[id_](api)

    refused = api(method, path, data=b"name=x", content_type="application/x-www-form-urlencoded")

    assert (refused.status_code, refused.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("id_", WITH_BODY)
def test_refuses_a_body_over_the_limit(platform: Platform, api: Api, id_: Any) -> None:
    method, path, _ = CALLS[id_](api)
    small = platform.client(api.headers, body_limit=1000)

    refused = small(method, path, data=b" " * 1001, content_type="application/json")

    assert (refused.status_code, refused.json["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("id_", NEEDING_A_BODY)
def test_refuses_a_body_that_is_missing(api: Api, id_: Any) -> None:
    method, path, _ = CALLS[id_](api)

    refused = api(method, path, data=b"", content_type="application/json")

    assert (refused.status_code, refused.json["code"]) == (400, "malformed_body")
    assert refused.json["error"] == "A body is required"


@pytest.mark.parametrize("id_", [id_ for id_ in WITH_BODY if id_ not in NEEDING_A_BODY])
@pytest.mark.parametrize("options", [{}, {"json": {}}, {"data": b"", "content_type": "application/json"}])
def test_takes_no_body_where_none_is_needed(api: Api, id_: Any, options: Any) -> None:
    method, path, _ = CALLS[id_](api)

    # Without a body, `active` is true, and automations do not run in this version.
    assert api(method, path, **options).status_code == (403 if "automation" in id_ else SUCCESSES[id_])


@pytest.mark.parametrize("id_", WITH_BODY)
def test_refuses_a_body_that_cannot_be_read(api: Api, id_: Any) -> None:
    method, path, _ = CALLS[id_](api)

    for body, sentence in UNREADABLE.items():
        refused = api(method, path, data=body, content_type="application/json")

        assert (body, refused.status_code, refused.json["code"]) == (body, 400, "malformed_body")
        assert refused.json["error"].startswith(sentence)


@pytest.mark.parametrize("id_", OF_AN_OBJECT)
def test_refuses_a_body_that_is_no_object(api: Api, id_: Any) -> None:
    method, path, _ = CALLS[id_](api)

    for body in (b"null", b"[]", b'"x"', b"1", b"123456789012345678901234567890"):
        refused = api(method, path, data=body, content_type="application/json")

        assert (body, refused.status_code, refused.json["details"]["formErrors"]) == (body, 400, ["Must be an object"])


@pytest.mark.parametrize("id_", OF_AN_OBJECT)
def test_refuses_a_field_it_does_not_know(api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)

    refused = api(method, path, json={**options["json"], "surprise": 1})

    assert (refused.status_code, refused.json["details"]["fieldErrors"]) == (400, {"surprise": ["Unknown field"]})


@pytest.mark.parametrize("id_", WITH_QUERY)
def test_refuses_a_query_that_cannot_be_read(api: Api, id_: Any) -> None:
    method, path, options = CALLS[id_](api)
    name = next(parameter.name for parameter in ALL[id_].parameters if parameter.location == "query")

    for query in (f"{name}=%FF", f"{name}=%00"):
        refused = api(method, path.partition("?")[0], query_string=query, **options)

        assert (refused.status_code, refused.json["code"]) == (400, "validation_failed")


@pytest.mark.parametrize("id_", ALL)
def test_turns_a_fault_into_an_error_of_the_contract(platform: Platform, api: Api, id_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    method, path, options = CALLS[id_](api)
    monkeypatch.setattr(HANDLERS[SIGNATURES[id_].resource], id_, _broken)
    broken = platform.client(api.headers)

    failed = broken(method, path, **options)

    assert (failed.status_code, failed.json["code"]) == (500, "internal_error")
    assert failed.json["request_id"] == failed.headers["X-Request-Id"]
    assert "spilled" not in failed.get_data(as_text=True)


@pytest.mark.parametrize("id_", [id_ for id_, each in ALL.items() if "503" in each.responses])
def test_says_so_when_the_store_cannot_take_it(platform: Platform, api: Api, id_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    method, path, options = CALLS[id_](api)
    monkeypatch.setattr(HANDLERS[SIGNATURES[id_].resource], id_, _full)
    full = platform.client(api.headers)

    refused = full(method, path, **options)

    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "unavailable", "5")


@pytest.mark.parametrize("path", sorted({value.path for value in ALL.values()}))
def test_lists_every_method_of_a_path(platform: Platform, path: Any) -> None:
    known = {value.method.upper() for value in ALL.values() if value.path == path}
    concrete = "/api" + re.sub(r"\{\w+\}", "x1", path)

    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"} - known:
        refused = platform.client()(method, concrete)

        assert (refused.status_code, refused.json["code"]) == (405, "method_not_allowed")
        assert set(refused.headers["Allow"].split(", ")) == known


def test_answers_unknown_routes_from_the_contract(api: Api) -> None:
    for path in ("/api/v1/nope", "/api/v1", "/api/v1/templates/", "/api/v1//templates", "/api/v1/templates/a/b", "/api/\xff"):
        refused = api.get(path)

        assert (refused.status_code, refused.json["code"]) == (404, "not_found")


def _broken(*_: Any) -> None:
    raise RuntimeError("spilled")


def _full(*_: Any) -> None:
    raise Unavailable
