"""Credentials: their locations, the combinations that are sufficient, and the scopes that they need."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from typing_extensions import override

from contract.runtime.platform import OpenPlatform
from tests.support.small_documents import client, one_operation

SCHEMES = """components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    basic: {type: http, scheme: Basic}
    digest: {type: http, scheme: digest}
    login: {type: oauth2, flows: {}}
    header: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: key}
    cookie: {type: apiKey, in: cookie, name: session}
    tls: {type: mutualTLS}
"""


class Scoped(OpenPlatform):
    """A platform whose credentials list their scopes after a colon."""

    @override
    def authenticate(self, operation: Any, credentials: Any) -> Any:
        super().authenticate(operation, credentials)
        return credentials

    @override
    def scopes(self, principal: Any) -> Any:
        return frozenset(word for value in principal.values() for word in value.partition(":")[2].split("+") if word)

    @override
    def admit(self, operation: Any, principal: Any) -> Any:
        return [("X-RateLimit-Remaining", "9")]


def guarded(tmp_path: Path, security: str) -> Any:
    text = one_operation(more=f"security: {security}") + SCHEMES
    return client(tmp_path, text, {"act": lambda ctx: {"principal": ctx.principal}}, Scoped())


@pytest.mark.parametrize(
    ("scheme", "request_", "credential"),
    [
        ("bearer", {"headers": {"Authorization": "Bearer abc"}}, "abc"),
        ("bearer", {"headers": {"Authorization": "bEARER  abc "}}, "abc"),
        ("login", {"headers": {"Authorization": "Bearer abc"}}, "abc"),
        ("basic", {"headers": {"Authorization": f"Basic {b64encode(b'a:b').decode()}"}}, "YTpi"),
        ("digest", {"headers": {"Authorization": 'Digest username="a"'}}, 'username="a"'),
        ("header", {"headers": {"X-Key": "abc"}}, "abc"),
        ("query", {"query_string": "other=1&key=a%20bc"}, "a bc"),
        ("cookie", {"environ_overrides": {"HTTP_COOKIE": "bad[=1; session=abc"}}, "abc"),
        ("tls", {"environ_overrides": {"SSL_CLIENT_CERT": "PEM"}}, "PEM"),
    ],
)
def test_a_credential_is_read_from_the_location_of_its_scheme(tmp_path: Path, scheme: str, request_: Any, credential: str) -> None:
    response = guarded(tmp_path, f"[{{{scheme}: []}}]").get("/things", **request_)

    assert response.json == {"principal": {scheme: credential}}


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"headers": {"Authorization": "Bearer"}},
        {"headers": {"Authorization": "Bearer "}},
        {"headers": {"Authorization": "Basic abc"}},
        {"headers": {"Authorization": "abc"}},
        {"query_string": "bearer=abc"},
    ],
)
def test_a_missing_credential_is_401(tmp_path: Path, request_: Any) -> None:
    response = guarded(tmp_path, "[{bearer: []}]").get("/things", **request_)

    assert (response.status_code, response.json["code"]) == (401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_one_of_several_alternatives_is_enough(tmp_path: Path) -> None:
    api = guarded(tmp_path, "[{bearer: []}, {header: []}]")

    assert api.get("/things", headers={"X-Key": "a"}).json == {"principal": {"header": "a"}}
    assert api.get("/things", headers={"Authorization": "Bearer a"}).json == {"principal": {"bearer": "a"}}
    assert api.get("/things").status_code == 401


def test_combined_schemes_are_all_required(tmp_path: Path) -> None:
    api = guarded(tmp_path, "[{basic: [], header: []}]")

    both = api.get("/things", headers={"X-Key": "a", "Authorization": "Basic b"})
    item = api.get("/things", headers={"X-Key": "a"})

    assert both.json == {"principal": {"header": "a", "basic": "b"}}
    assert (item.status_code, item.json["detail"]) == (401, "Authentication is required: basic and header")
    assert item.headers["WWW-Authenticate"] == 'Basic realm="api"'


def test_optional_security_needs_no_credentials(tmp_path: Path) -> None:
    api = guarded(tmp_path, "[{}, {bearer: [read]}]")

    assert api.get("/things").json == {"principal": None}
    assert api.get("/things", headers={"Authorization": "Bearer a:read"}).json == {"principal": {"bearer": "a:read"}}


def test_an_empty_security_list_makes_an_operation_public(tmp_path: Path) -> None:
    text = f"security: [{{bearer: []}}]\n{one_operation(more='security: []')}{SCHEMES}"
    api = client(tmp_path, text, {"act": lambda ctx: {"principal": ctx.principal}})

    assert api.get("/things").json == {"principal": None}


@pytest.mark.parametrize(
    ("security", "token", "status"),
    [
        ("[{bearer: [read]}]", "a:read", 200),
        ("[{bearer: [read]}]", "a:write", 403),
        ("[{bearer: [read]}]", "a", 403),
        ("[{bearer: [read, write]}]", "a:read", 403),
        ("[{bearer: [read, write]}]", "a:read+write", 200),
        ("[{bearer: [read]}, {bearer: [write]}]", "a:write", 200),
        ("[{bearer: []}]", "a", 200),
    ],
)
def test_missing_scopes_are_403(tmp_path: Path, security: str, token: str, status: int) -> None:
    response = guarded(tmp_path, security).get("/things", headers={"Authorization": f"Bearer {token}"})

    assert response.status_code == status
    assert response.headers["X-RateLimit-Remaining"] == "9"
    if status == 403:
        assert response.json["code"] == "scope_missing"
        assert "read" in response.json["detail"]


def test_an_undeclared_scheme_refuses_every_request(tmp_path: Path) -> None:
    assert guarded(tmp_path, "[{unknown: []}]").get("/things", headers={"Authorization": "Bearer a"}).status_code == 401
