"""Kinds of messages: a bounce, a delay, a receipt, an automatic reply, or what a person wrote."""

from __future__ import annotations

import pytest

from misarmail_server.received.bounces import dsn as dsn_fields
from misarmail_server.received.bounces import reading
from misarmail_server.received.bounces.report import BounceReport
from misarmail_server.received.bounces.returned_mail import classify

DAEMON = "Mail Delivery System <MAILER-DAEMON@x.example>"
PERSON = "Ada <ada@x.example>"
REPORT = "multipart/report; report-type=delivery-status; boundary=B"


def classified(sender: str, header: str, body: str, content_type: str = "text/plain; charset=utf-8") -> BounceReport:
    return classify(f"From: {sender}\nTo: b-token@mail.example.net\n{header}\nContent-Type: {content_type}\n\n{body}".encode())


def dsn(action: str, status: str, diagnosis: str) -> str:
    return (
        "--B\nContent-Type: text/plain\n\nA notice.\n\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.example\n\n"
        f"Final-Recipient: rfc822; user@x.example\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {diagnosis}\n\n--B--\n"
    )


@pytest.mark.parametrize(
    "header",
    [
        "Subject: Re: Hello\nAuto-Submitted: auto-replied (vacation)",
        "Subject: Re: Hello\nX-Autoreply: yes",
        "Subject: Re: Hello\nX-Autorespond: Hello",
        "Subject: Re: Hello\nPrecedence: auto_reply",
        "Subject: Ticket received [#123]\nAuto-Submitted: auto-generated\nX-Auto-Response-Suppress: All",
        "Subject: Undeliverable: away\nAuto-Submitted: auto-replied",
    ],
)
def test_a_program_that_replies_says_so_in_the_header(header: str) -> None:
    report = classified(PERSON, header, "The user is unknown here; mail to me is rejected: 550 5.1.1 user unknown.\n")

    assert (report.kind, [recipient.is_hard for recipient in report.recipients]) == ("auto_reply", [None])


@pytest.mark.parametrize(
    "subject",
    [
        "Automatische Antwort: Hello", "Abwesenheitsnotiz", "Abwesend: x", "Ich bin im Urlaub",
        "Réponse automatique : Hello", "Absence du bureau",
        "Je suis en congés", "Respuesta automática: Hola", "Fuera de la oficina", "Estoy de vacaciones", "Resposta automática: Oi",
        "Fora do escritório: x", "Ausência temporária", "Risposta automatica: x", "Fuori sede",
        "Automatisch antwoord: x", "Afwezigheidsbericht",
        "Autosvar: x", "Automatiskt svar: x", "Automaattinen vastaus: x", "Poissa", "Autoodpowiedź: x", "Odpowiedź automatyczna: x",
        "Automatická odpověď: x", "Automatikus válasz", "Răspuns automat", "Αυτόματη απάντηση", "Автоматический ответ: x", "Автоответ",
        "Нет на месте: x", "Автовідповідь", "自動返信: x", "不在のお知らせ", "自动回复: x", "自動回覆", "자동 회신: x", "부재중 자동 응답",
        "Otomatik yan\u0131t: x", "מענה אוטומטי", "Out of Office: Hello", "I'm on vacation", "[Auto-Reply] x", "Thank you (auto response)",
        "Maternity leave",
    ],
)  # fmt: skip
def test_a_reply_of_bulk_precedence_is_known_by_its_subject(subject: str) -> None:
    assert classified(PERSON, f"Subject: {subject}\nPrecedence: bulk", "I am away until Monday.\n").kind == "auto_reply"


@pytest.mark.parametrize(
    "subject", ["Fwd: Undelivered Mail Returned to Sender", "WG: Unzustellbar: Hallo", "Re: Delivery failure", "转发: 退信"]
)
def test_a_report_that_a_person_sends_on_is_no_report(subject: str) -> None:
    body = "Look\n\n<bob@y.example>: host mx said: 550 5.1.1 user unknown\n\nFinal-Recipient: rfc822; bob@y.example\nAction: failed\n"

    assert classified(PERSON, f"Subject: {subject}", body).kind == "none"


@pytest.mark.parametrize("action", ["relayed", "expanded", "delivered"])
def test_a_mail_that_went_on_did_not_bounce(action: str) -> None:
    report = classified(DAEMON, "Subject: Delivery status", dsn(action, "5.1.1", "550 user unknown"), REPORT)

    assert (report.kind, [recipient.is_hard for recipient in report.recipients]) == ("delivered", [None])


@pytest.mark.parametrize("action", ["delayed", "Delayed (will be retried)"])
def test_a_delay_is_never_hard(action: str) -> None:
    report = classified(DAEMON, "Subject: Delivery status", dsn(action, "5.1.1", "550 user unknown"), REPORT)

    assert [(recipient.is_hard, recipient.is_delayed) for recipient in report.recipients] == [(False, True)]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "Warning: could not send message for past 4 hours",
            "** THIS IS A WARNING MESSAGE ONLY **\n\n<user@x.example>... Deferred: 550 user unknown\n",
        ),
        ("Warning: message 1abc delayed 24 hours", "The address to which the message has not yet been delivered is:\n\n  user@x.example\n"),
        ("Delivery delayed", "Your message to user@x.example was delayed. We'll keep trying: 550 5.1.1 user unknown\n"),
        ("Zustellung verzögert", "Ihre Nachricht an user@x.example konnte noch nicht zugestellt werden.\n"),
        ("Remise retardée", "La remise de votre message à user@x.example est retardée.\n"),
        ("Retraso en la entrega", "Su mensaje para user@x.example se ha retrasado; se seguirá intentando.\n"),
        ("配信遅延", "user@x.example へのメールの配信が遅れています。\n"),
    ],
)
def test_a_notice_of_delay_is_known_in_prose(subject: str, body: str) -> None:
    report = classified(DAEMON, f"Subject: {subject}", body)

    assert [(recipient.address, recipient.is_hard, recipient.is_delayed) for recipient in report.recipients] == [
        ("user@x.example", False, True)
    ]


def test_a_report_that_a_list_server_sends_on_counts() -> None:
    inner = f"From: {DAEMON}\nSubject: fail\nContent-Type: {REPORT}\n\n" + dsn("failed", "5.1.1", "550 5.1.1 user unknown")
    body = f"--O\nContent-Type: text/plain\n\nA mail was returned.\n\n--O\nContent-Type: message/rfc822\n\n{inner}\n--O--\n"

    report = classified(DAEMON, "Subject: Returned mail", body, "multipart/mixed; boundary=O")

    assert [(recipient.address, recipient.is_hard) for recipient in report.recipients] == [("user@x.example", True)]


@pytest.mark.parametrize(
    ("feedback", "kind", "count"),
    [("abuse", "complaint", 1), ("fraud", "complaint", 1), ("opt-out", "complaint", 1), ("other", "complaint", 1), ("not-spam", "none", 0)]
    + [(machine, "complaint", 0) for machine in ("virus", "auth-failure", "dmarc")],
)
def test_feedback_of_machines_complains_about_nobody(feedback: str, kind: str, count: int) -> None:
    body = (
        f"--B\nContent-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nVersion: 1\nOriginal-Rcpt-To: user@x.example\n\n"
        "--B\nContent-Type: message/rfc822\n\nFrom: a@y.example\nTo: user@x.example\n\nx\n\n--B--\n"
    )

    report = classified("fbl@x.example", "Subject: report", body, "multipart/report; report-type=feedback-report; boundary=B")

    assert (report.kind, len(report.recipients)) == (kind, count)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<style>a{}</style>b", " b"),
        ("a<script>x</script>b<script>y</script>c", "a b c"),
        ("a<style>open", "aopen"),
        ("a<style>x</style", "a"),
    ],
)
def test_what_a_reader_of_a_page_does_not_see_is_left_out(page: str, text: str) -> None:
    assert reading.unmarked(page).split() == text.split()


@pytest.mark.parametrize("line", ["???", "  ", "\t"])
def test_a_group_of_fields_ends_with_a_blank_line_only(line: str) -> None:
    fields = f"Reporting-MTA: dns; mx.x.example\n\nOriginal-Recipient: rfc822; a@x.example\n{line}\nFinal-Recipient: rfc822; b@x.example\n"

    assert dsn_fields.recipient_of(fields) == ("b@x.example" if line == "???" else "a@x.example")
