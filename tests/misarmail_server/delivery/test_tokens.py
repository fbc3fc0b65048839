"""Tokens: a token is read back for its purpose only, and a forged one is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misarmail_server.delivery.tokens import TokenClaim, Tokens
from misarmail_server.settings import Settings

CLAIM = TokenClaim("msg_01jqzxw5k8v9n3m2p7r4t6y8ab", 123_456_789, 7)


@pytest.fixture
def tokens(chosen: Settings) -> Tokens:
    return Tokens(chosen)


def test_read_gives_back_what_was_said_for_the_same_purpose_only(tokens: Tokens) -> None:
    token = tokens.make("click", CLAIM)

    assert tokens.read("click", token) == CLAIM
    assert [tokens.read(kind, token) for kind in ("open", "unsubscribe")] == [None, None]
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_read_refuses_what_was_changed_or_made_elsewhere(tokens: Tokens, chosen: Settings) -> None:
    token = tokens.make("open", CLAIM)
    elsewhere = Tokens(replace(chosen, secret="A" * 43 + "="))

    assert elsewhere.read("open", token) is None
    for position in range(len(token)):
        assert tokens.read("open", token[:position] + ("-" if token[position] != "-" else "_") + token[position + 1 :]) is None
    for bad in ("", token + "x", token[:-1], token + "\n", "x" * 10_000, "msg_1.ü.0." + "A" * 22):
        assert tokens.read("open", bad) is None


def test_address_survives_any_case_and_fits_a_local_part(tokens: Tokens) -> None:
    for row in (0, 1, 123_456_789, 2**63 - 1):
        address = tokens.address("b", row)

        assert len(address) <= 64
        assert address == address.lower()
        assert tokens.read_address("b", address) == tokens.read_address("b", address.upper()) == row
        assert tokens.read_address("u", address) is None


@pytest.mark.parametrize("local_part", ["", "b-", "b-" + "a" * 29, "b-" + "0" * 29, "u-" + "a" * 29, "postmaster", "b-" + "\u017f" * 29])
def test_read_address_refuses_what_was_not_made_here(tokens: Tokens, local_part: str) -> None:
    assert tokens.read_address("b", local_part) is None


@settings(deadline=None)
@given(st.text(max_size=80))
def test_read_takes_any_text(text: str) -> None:
    tokens = object.__new__(Tokens)
    tokens._key = b"key"

    assert tokens.read("open", text) is None
    assert tokens.read_address("b", text) is None
