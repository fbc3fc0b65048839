"""The same campaign as the most similar peer sends it: django-post-office's queue in SQLite, both signatures by dkimpy, one process.

`peer_django.py FOLDER PORT MAILS`: the folder has `page.html`, `rsa.pem` and `ed25519`. Prints microseconds of processor time a mail,
queueing and delivery, as JSON.
"""

from __future__ import annotations

import json
import sys
from email.message import EmailMessage, Message
from pathlib import Path
from time import process_time

import django
import dkim
from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.core.management import call_command


class Signing(EmailBackend):
    """Django's SMTP backend, with a signature in front of each mail."""

    def _send(self, email_message):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - the parent's is untyped
        made = email_message.message

        def message(*arguments, **named):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN003, ANN202 - passed on
            return signed(made(*arguments, **named))

        email_message.message = message
        return super()._send(email_message)


def signed(mail: Message | EmailMessage) -> Message | EmailMessage:
    """The mail with both its DKIM-Signatures."""
    content = mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    for selector, key, algorithm in ((b"mm", settings.BENCH_RSA, b"rsa-sha256"), (b"mm2", settings.BENCH_EDWARDS, b"ed25519-sha256")):
        field = dkim.sign(content, selector, b"example.com", key, canonicalize=(b"relaxed", b"simple"), signature_algorithm=algorithm)
        name, _, value = field.decode().partition(": ")
        mail[name] = value.replace("\r\n", "").strip()
    return mail


def main() -> int:
    """Queue and send mails."""
    folder, port, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    set_up(folder, port)
    from post_office import mail  # noqa: PLC0415 - Django must be set up before

    page = (folder / "page.html").read_text()
    start = process_time()
    for first in range(0, count, 100):
        mail.send_many([filled_mail(number, page) for number in range(first, min(count, first + 100))])
    mail.send_queued_mail_until_done(processes=1, log_level=1)
    print(json.dumps({"microseconds": (process_time() - start) * 1e6 / count, "sent": sent()}))
    return 0


def set_up(folder: Path, port: int) -> None:
    """A minimal Django project."""
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "post_office.sqlite"}},
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        POST_OFFICE={"BACKENDS": {"default": f"{Path(__file__).stem}.Signing"}, "BATCH_SIZE": 100, "THREADS_PER_PROCESS": 10},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
        BENCH_RSA=(folder / "rsa.pem").read_bytes(),
        BENCH_EDWARDS=(folder / "ed25519").read_bytes(),
    )
    django.setup()
    call_command("migrate", verbosity=0)


def filled_mail(number: int, page: str) -> dict[str, object]:
    """A recipient's mail, filled like the campaign's."""
    filled = page.replace("{{first_name|friend}}", f"Ada {number}").replace("{{company}}", "Analytical Engines")
    to = [f"person{number}@receiver{number % 50}.example"]
    return {"sender": "news@example.com", "recipients": to, "subject": f"Hello Ada {number}", "html_message": filled}


def sent() -> int:
    """The number of mails that the queue counts as sent."""
    from post_office.models import STATUS, Email  # noqa: PLC0415 - Django must be set up before

    return int(Email.objects.filter(status=STATUS.sent).count())


if __name__ == "__main__":
    sys.exit(main())
