"""Rendering and signing a newsletter for its recipients on one core, compared with common methods, in microseconds per mail."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import dkim as dkimpy
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from misarmail_server import settings
from misarmail_server.context import now
from misarmail_server.delivery.message import dkim, marketing
from misarmail_server.delivery.message.headers import MailAddress
from misarmail_server.delivery.message.personalize import compile_message
from misarmail_server.delivery.message.recipient_urls import RecipientUrls
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.services.domain_dkim_keys import make_pairs

HERE = Path(__file__).parent
NODE = HERE.parent.parent / "build" / "bench"
TARGET = 1_100  # microseconds a mail, signed twice
LINKS = 10
ROUNDS = 3
TEXT = "Hello {{first_name}},\n\neverything is 20 % off until Sunday.\n\nUnsubscribe: {{unsubscribe_url}}\n"


@dataclass(frozen=True, slots=True)
class Keys:
    """A domain's two keys, and the RSA key in PEM."""

    rsa: dkim.Signer
    edwards: dkim.Signer
    pem: bytes


class Recipient(NamedTuple):
    """The columns of `recipients` that a mail needs."""

    id: int
    address: str
    values_json: str


def main() -> int:
    """Measure the methods in turns and print the median of the rounds."""
    options = arguments()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory(prefix="bench-mail-") as name:
        folder, keys = Path(name), make_keys()
        (folder / "page.html").write_text(page())
        (folder / "text.txt").write_text(TEXT)
        (folder / "rsa.pem").write_bytes(keys.pem)
        ours, usual = our_mail(folder), usual_mail(keys)
        both, rsa, edwards = (keys.rsa, keys.edwards), (keys.rsa,), (keys.edwards,)
        methods: dict[str, Callable[[], float]] = {
            "ours, RSA and Ed25519": lambda: timed(lambda number: ours(number, both), options.seconds),
            "ours, RSA": lambda: timed(lambda number: ours(number, rsa), options.seconds),
            "ours, Ed25519": lambda: timed(lambda number: ours(number, edwards), options.seconds),
            "ours, unsigned": lambda: timed(lambda number: ours(number, ()), options.seconds),
            "an RSA signature alone": lambda: timed(lambda number: keys.rsa.sign(b"%d" % number), options.seconds),
            "nodemailer, RSA": lambda: nodemailer(folder, options.seconds),
            "EmailMessage and dkimpy, RSA": lambda: timed(usual, options.seconds),
        }
        taken = [{name: method() for name, method in methods.items()} for _ in range(ROUNDS)]
        print(f"{len(ours(1, both)):,} bytes a mail, {LINKS} tracked links")
    return report({name: sorted(times[name] for times in taken)[ROUNDS // 2] for name in methods})


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="length of one run (default 3)")
    return parser.parse_args()


def report(taken: dict[str, float]) -> int:
    """The table, and the ratios last."""
    ours = taken["ours, RSA and Ed25519"]
    print(f"{'microseconds a mail, times core':36}{'us':>10}{'mails/s':>10}")
    for name, microseconds in taken.items():
        print(f"{name:36}{microseconds:10,.0f}{1e6 / microseconds:10,.0f}")
    verdict = "met" if ours <= TARGET else "MISSED"
    print(f"\nours without signatures: {taken['ours, unsigned']:,.0f} us; with both, the target is {TARGET:,} us: {verdict}")
    for name in ("nodemailer, RSA", "EmailMessage and dkimpy, RSA"):
        print(f"ratio to {name:36}{taken[name] / taken['ours, RSA']:8.1f}x with RSA, {taken[name] / ours:8.1f}x with both")
    return 0


def timed(make: Callable[[int], object], seconds: float) -> float:
    """Microseconds of processor time per call, after a warm-up."""
    for number in range(20):
        make(number)
    start, ends_at, count = process_time(), perf_counter() + seconds, 0
    while perf_counter() < ends_at:
        make(count)
        count += 1
    return (process_time() - start) * 1e6 / count


def page() -> str:
    """A newsletter of twenty kilobytes."""
    link = '<a href="https://shop.example/offers/{n}?from=mail&amp;week=48">See it</a>'
    offer = f'<table><tr><td style="padding:16px"><h2>Offer {{n}}</h2><p>{{words}}</p>{link}</td></tr></table>'
    offers = "".join(offer.format(n=number, words="Everything you need for the winter, now 20 % off. " * 35) for number in range(LINKS))
    return f'<html><body><h1>Hello {{{{first_name}}}}</h1>{offers}<p><a href="{{{{unsubscribe_url}}}}">Unsubscribe</a></p></body></html>'


def make_keys() -> Keys:
    """New keys of the types that domains have."""
    rsa, edwards = make_pairs()
    pem = load_der_private_key(rsa.private_key, None).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return Keys(
        dkim.load("example.com", "mm", "rsa", rsa.private_key), dkim.load("example.com", "mm2", "ed25519", edwards.private_key), pem
    )


def our_mail(folder: Path) -> Callable[[int, tuple[dkim.Signer, ...]], bytes]:
    """Compile the campaign; return the function that makes a recipient's mail."""
    chosen = settings.load({"MISARMAIL_STATE": str(folder), "MISARMAIL_PUBLIC_URL": "https://mail.example"})
    subject, sender = "{{first_name}}, everything is 20 % off", MailAddress("news@example.com", "Shop")
    links = marketing.links(page(), is_template=True)
    campaign = StoredMessage(
        "msg_1", sender, (), subject, now(), html=page(), text=TEXT, account_id="acc_1", campaign_id="camp_1", links=links
    )
    compiled = compile_message(campaign, RecipientUrls(chosen))

    def make(number: int, signers: tuple[dkim.Signer, ...]) -> bytes:
        return compiled.render(Recipient(number, f"ada{number}@example.org", f'{{"first_name":"Ada{number}"}}')).signed(signers)

    return make


def usual_mail(keys: Keys) -> Callable[[int], bytes]:
    """The standard library's message and dkimpy's signature."""
    html = page()

    def fill(source: str, number: int) -> str:
        return source.replace("{{first_name}}", f"Ada{number}").replace("{{unsubscribe_url}}", f"https://mail.example/u/{number}")

    def make(number: int) -> bytes:
        message = EmailMessage(SMTP)
        message["From"], message["To"] = "Shop <news@example.com>", f"ada{number}@example.org"
        message["Subject"] = fill("{{first_name}}, everything is 20 % off", number)
        message["Date"], message["Message-ID"] = "Mon, 06 Apr 2026 12:00:00 +0000", f"<{number}@example.com>"
        message["List-Unsubscribe"], message["List-Unsubscribe-Post"] = f"<https://mail.example/u/{number}>", "List-Unsubscribe=One-Click"
        message.set_content(fill(TEXT, number))
        message.add_alternative(fill(html, number), subtype="html")
        content = message.as_bytes()
        return dkimpy.sign(content, b"mm", b"example.com", keys.pem, canonicalize=(b"relaxed", b"simple")) + content

    return make


def nodemailer(folder: Path, seconds: float) -> float:
    """Microseconds per mail of nodemailer, on the same core."""
    command = ("node", str(NODE / "mail.mjs"), str(folder), str(seconds))
    return float(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["microseconds"])


if __name__ == "__main__":
    sys.exit(main())
