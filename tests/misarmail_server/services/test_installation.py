"""The record of an installation, and the refusal of a process with other settings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from misarmail_server.db.store import Store
from misarmail_server.rows.recipient_states import RecipientState
from misarmail_server.services import installation
from misarmail_server.settings import BadSettingError, Settings
from tests.conftest import Platform
from tests.support.calls.every_operation import SEND
from tests.support.ledger import lead

RELAY = "smtp://ada:first@relay.example:25"
SPLIT = "transactional=smtp://relay.example:25;marketing=capture"


def apply(settings: Settings, store: Store) -> dict[str, str]:
    return store.write(lambda connection: installation.apply(settings, connection))


def refusal(settings: Settings, store: Store) -> str:
    """Why a process with these settings does not start."""
    with pytest.raises(BadSettingError) as refused:
        installation.join(settings, store)
    return str(refused.value)


def test_join_accepts_the_same_settings_and_names_others(chosen: Settings, store: Store) -> None:
    relayed = replace(chosen, relay=RELAY)
    installation.join(relayed, store)
    installation.join(relayed, store)

    assert "a password of MISARMAIL_RELAY. To change it" in refusal(replace(chosen, relay=RELAY.replace("first", "second")), store)
    assert "MISARMAIL_SMTP_PORT is 26 here and 25 there. To change" in refusal(replace(relayed, smtp_port=26), store)
    both = refusal(replace(relayed, relay="capture", smtp_port=26), store)
    assert "MISARMAIL_RELAY is capture here and smtp://ada:********@relay.example:25 there, MISARMAIL_SMTP_PORT is 26 here" in both
    assert "first" not in both


def test_apply_changes_the_settings_for_all(chosen: Settings, store: Store) -> None:
    relayed = replace(chosen, relay=RELAY)
    installation.join(chosen, store)

    applied = apply(relayed, store)

    assert applied == {"MISARMAIL_RELAY": "smtp://ada:********@relay.example:25", "MISARMAIL_SMTP_PORT": "25"}
    installation.join(relayed, store)
    assert "MISARMAIL_RELAY is capture here" in refusal(chosen, store)


@pytest.mark.parametrize(
    ("states", "stream", "is_refused"),
    [
        ((), "transactional", True),
        ((RecipientState.LEASED,), "transactional", True),
        ((RecipientState.LEASED, RecipientState.DEFERRED), "transactional", True),
        ((RecipientState.LEASED, RecipientState.DELIVERED), "transactional", False),
        ((), "marketing", True),
    ],
)
@pytest.mark.parametrize("relay", ["capture", SPLIT])
def test_apply_keeps_what_was_accepted_for_a_relay_from_being_captured(
    platform: Platform, states: tuple[RecipientState, ...], stream: str, relay: str, *, is_refused: bool
) -> None:
    platform.settings = replace(platform.settings, relay=RELAY)
    installation.join(platform.settings, platform.store)
    message_id = platform.everything().post("/api/v1/send", json=SEND | {"stream": stream}).json["message_id"]
    if states:
        lead(platform.store, message_id, *states)
    changed = replace(platform.settings, relay=relay)

    if is_refused and (relay == "capture" or stream == "marketing"):
        with pytest.raises(BadSettingError, match=f"^1 {stream} mails that were accepted for delivery wait"):
            apply(changed, platform.store)
        installation.join(platform.settings, platform.store)
    else:
        apply(changed, platform.store)
        installation.join(changed, platform.store)


def test_apply_lets_captured_mail_stay_captured(platform: Platform) -> None:
    installation.join(platform.settings, platform.store)
    platform.everything().post("/api/v1/send", json=SEND)

    apply(replace(platform.settings, relay=RELAY), platform.store)
    apply(platform.settings, platform.store)

    installation.join(platform.settings, platform.store)


def test_join_refuses_to_capture_what_an_earlier_version_accepted_for_a_relay(platform: Platform) -> None:
    """Such a database has no record of its delivery settings; the migration marks its waiting mail."""
    platform.settings = replace(platform.settings, relay=RELAY)
    platform.everything().post("/api/v1/send", json=SEND)

    sentence = refusal(replace(platform.settings, relay="capture"), platform.store)

    assert sentence.startswith("1 mails that an earlier version accepted for a relay wait, and MISARMAIL_RELAY=capture would never deliver")
    installation.join(platform.settings, platform.store)
