"""Replies of providers and servers in some twenty languages; `-` in place of a provider marks wording that belongs to none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

import pytest

from misarmail_server.received.bounces import providers
from misarmail_server.received.bounces.bounce_class import BounceVerdict
from misarmail_server.received.bounces.refusals import ReceiverReply, Stage, classify_reply, status_in
from misarmail_server.received.bounces.statuses import EXACT, GONE, STATUSES


class Sample(NamedTuple):
    """A reply, and what it means. `stage` is that of the SMTP session, empty if it is not known."""

    provider: str
    stage: Stage
    classes: frozenset[str]
    is_hard: bool
    text: str

    def classified(self) -> BounceVerdict:
        return classify_reply(ReceiverReply((self.text,), status_in(self.text), self.stage))


def samples() -> Iterator[Sample]:
    for line in (Path(__file__).parent / "replies.tsv").read_text().splitlines()[1:]:
        provider, stage, classes, hardness, text = line.split("\t")
        known_stage = cast("Stage", "" if stage == "-" else stage)
        yield Sample(provider, known_stage, frozenset(classes.split("|")), hardness == "hard", text)


SAMPLES = list(samples())


def test_every_reply_is_understood() -> None:
    wrong = [
        (sample, verdict)
        for sample, verdict in ((sample, sample.classified()) for sample in SAMPLES)
        if verdict.bounce_class not in sample.classes or verdict.is_hard != sample.is_hard
    ]

    assert wrong == []


def test_a_provider_that_is_not_known_is_understood_by_status_and_wording(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each provider's replies without its own table: what a provider gets that has none."""
    results = []
    for provider in tuple(providers.PROVIDERS):
        with monkeypatch.context() as without:
            without.delitem(providers.PROVIDERS, provider)
            results += [(sample, sample.classified()) for sample in SAMPLES if sample.provider == provider]

    same_class = [_family(verdict.bounce_class) in map(_family, sample.classes) for sample, verdict in results]
    same_hardness = [verdict.is_hard == sample.is_hard for sample, verdict in results]
    assert len(results) > 200
    assert sum(same_class) / len(results) >= 0.93
    assert sum(same_hardness) / len(results) >= 0.95


def _family(bounce_class: str) -> str:
    """Whether a refusal is called one of policy, reputation, content or proof, only its provider knows."""
    return "refused" if bounce_class in {"PolicyRelated", "SpamBlock", "SpamContent", "AuthenticationFailed"} else bounce_class


def test_a_filter_that_denies_the_recipient_after_data_is_never_hard() -> None:
    hard = [
        sample
        for sample in SAMPLES
        if classify_reply(ReceiverReply((sample.text,), status_in(sample.text), "data")).is_hard
        or classify_reply(ReceiverReply((sample.text,), status_in(sample.text), "mail")).is_hard
    ]

    assert hard == []


def test_a_reply_that_is_delayed_is_never_hard() -> None:
    delayed = [ReceiverReply((sample.text,), status_in(sample.text), sample.stage, is_delayed=True) for sample in SAMPLES]

    assert [reply for reply in delayed if classify_reply(reply).is_hard] == []


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_every_registered_status_decides_where_the_text_says_nothing(status: str) -> None:
    verdict = classify_reply(ReceiverReply((f"550 5.{status} xyzzy",), f"5.{status}", "rcpt"))

    assert (verdict.bounce_class, verdict.is_hard) == (STATUSES[status], STATUSES[status] in {"InvalidRecipient", "BadDomain"})


def test_the_registry_of_enhanced_status_codes_is_complete() -> None:
    last = {1: 10, 2: 4, 3: 6, 4: 7, 5: 6, 6: 10, 7: 30}
    without_meaning = {"1.5"}  # a valid address, 2.1.5 only

    registered = {f"{subject}.{detail}" for subject, most in last.items() for detail in range(most + 1)} - without_meaning

    assert registered - STATUSES.keys() == {"1.5"} - without_meaning
    assert (EXACT | GONE) - STATUSES.keys() == set()


@pytest.mark.parametrize(
    ("status", "bounce_class"),
    [
        ("", "QuotaIssues"),
        ("5.0.0", "QuotaIssues"),
        ("5.1.0", "QuotaIssues"),  # it only says that it is about the address
        ("5.9.9", "QuotaIssues"),  # nobody has registered it
        ("5.1.1", "InvalidRecipient"),
        ("5.7.1", "PolicyRelated"),
    ],
)
def test_a_status_in_the_text_precedes_one_that_says_less(status: str, bounce_class: str) -> None:
    assert classify_reply(ReceiverReply(("550 5.2.2 xyzzy",), status)).bounce_class == bounce_class
