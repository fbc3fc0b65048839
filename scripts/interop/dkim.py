"""Verify the platform's signatures with OpenDKIM, mailauth and Mail::DKIM, and that each of them detects a changed mail."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "interop"
sys.path.insert(0, str(ROOT))  # the helpers of the tests

from misarmail_server.delivery.message.compiled_message import CompiledMessage, RenderedMail  # noqa: E402 - needs the path above
from misarmail_server.delivery.message.headers import MailAddress  # noqa: E402 - as above
from misarmail_server.delivery.message.mime import AttachedFile  # noqa: E402 - as above
from misarmail_server.delivery.message.stored_message import StoredMessage  # noqa: E402 - as above
from tests.support.keys import signers_of, zone  # noqa: E402 - as above
from tests.support.servers.dns_server import DnsServer  # noqa: E402 - as above

NOON = 1_775_476_800_000
BOTH = "ed25519-sha256 rsa-sha256"
RSA = "rsa-sha256"  # Mail::DKIM passes over algorithms it does not know (RFC 8463, section 4)


def mails() -> dict[str, RenderedMail]:
    """Mails of every shape, by name."""
    ada, page = MailAddress("ada@example.com", "Ada, Countess"), "<p>Grüße aus Köln, =\n.\n</p>"
    fields = (
        ("List-Unsubscribe", "<https://example.com/u/1>, <mailto:u-1@example.com>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )
    shapes: dict[str, dict[str, object]] = {
        "plain": {"text": "Hi\n\n\n"},
        "empty": {"text": ""},
        "blanks": {"text": "a \n b\t\n\t\n "},
        "both": {"text": "Hi", "html": page, "fields": fields, "subject": "Grüße  aus \t Köln " * 9},
        "files": {
            "html": page,
            "files": (AttachedFile("a.png", "image/png", bytes(range(256)) * 9, "a"), AttachedFile("ü.pdf", "application/pdf", b"x")),
        },
        "many": {"text": "Hi", "to": (ada,) * 40, "cc": (ada,) * 3, "reply_to": ada},
    }
    given = {"id": "msg_1", "sender": MailAddress("hello@example.com", "Jürgen"), "to": (ada,), "subject": "Hi", "written_at": NOON}
    compiled = {name: CompiledMessage(StoredMessage(**{**given, **shape})) for name, shape in shapes.items()}  # type: ignore[arg-type]  # the shapes have fields of Message
    return {name: message.shared for name, message in compiled.items() if message.shared is not None}


def write(folder: Path, shapes: dict[str, RenderedMail]) -> dict[str, list[str]]:
    """Write files of each mail, by variant: signed by both keys or by one, or changed after signing."""
    rsa, edwards = signers_of("example.com")
    files: dict[str, list[str]] = {}
    for name, mail in shapes.items():
        signed = {kind: mail.signed(signers) for kind, signers in (("both", (rsa, edwards)), ("rsa", (rsa,)), ("ed25519", (edwards,)))}
        for kind, content in {**signed, "changed": signed["both"].replace(b"\nFrom: ", b"\nFrom: x", 1)}.items():
            path = folder / f"{name}-{kind}.eml"
            path.write_bytes(content.removesuffix(b"\r\n") + b"\r\n")  # as SMTP ends it
            files.setdefault(kind, []).append(str(path))
    return files


def opendkim(folder: Path, files: list[str]) -> list[bool]:
    """Whether OpenDKIM verifies each file; it reports one signature only."""
    records = folder / "keys"
    records.write_text("".join(f"{name.rstrip('.')} {value.decode()}\n" for name, value in zone().items()))
    settings = folder / "opendkim.conf"
    settings.write_text(f"TestPublicKeys {records}\nMode v\n")
    return ["succeeded" in run("opendkim", "-t", file, "-x", str(settings)) for file in files]


def run(*command: str) -> str:
    """The output of a program; its errors go to standard error."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=BUILD).stdout.strip()


def verdicts(folder: Path, files: dict[str, list[str]], dns: str) -> dict[str, list[bool]]:
    """Whether each verifier gives the expected result for each file, by verifier and variant."""
    mailauth, perl = ("node", "mailauth.mjs", dns), ("perl", str(HERE / "mail_dkim.pl"), dns)
    passed = {BOTH: "ed25519-sha256=pass rsa-sha256=pass", RSA: "rsa-sha256=pass"}
    return {
        "OpenDKIM, RSA": opendkim(folder, files["rsa"]),
        "OpenDKIM, Ed25519": opendkim(folder, files["ed25519"]),
        "mailauth, both": [line == passed[BOTH] for line in run(*mailauth, *files["both"]).split("\n")],
        "Mail::DKIM, RSA": [line == passed[RSA] for line in run(*perl, *files["rsa"]).split("\n")],
        "OpenDKIM detects a change": [not is_verified for is_verified in opendkim(folder, files["changed"])],
        "mailauth detects a change": ["=pass" not in line for line in run(*mailauth, *files["changed"]).split("\n")],
        "Mail::DKIM detects a change": ["=pass" not in line for line in run(*perl, *files["changed"]).split("\n")],
    }


def main() -> int:
    """Print a line for each verifier; 1 when one of them gives another result than expected."""
    dns = DnsServer()
    for name, value in zone().items():
        dns.publish(name.rstrip("."), "TXT", value.decode())
    with tempfile.TemporaryDirectory() as name:
        shapes = mails()
        results = verdicts(Path(name), write(Path(name), shapes), dns.address)
    dns.close()
    for title, verified in results.items():
        print(f"{title:32}{sum(verified)} of {len(shapes)}")
    return 0 if all(verified == [True] * len(shapes) for verified in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
