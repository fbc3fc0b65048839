"""A campaign through the whole engine: contacts, ledger, compiled mail, two DKIM signatures, SMTP to Postfix's `smtp-sink`, outcomes.

`engine.py [--mails 20000] [--processes 1] [--peers]`. Prints mails a second, and a second of processor time of the workers, and their
memory; with `--peers` the same campaign sent by django-post-office with dkimpy and by nodemailer, in the same run and to the same sink.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import servers
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from sqlalchemy import insert, select

from misarmail_server import settings
from misarmail_server.context import Context, DetachedContext, Principal, new_ids, now
from misarmail_server.db import migrate, tables
from misarmail_server.db.store import Store
from misarmail_server.services import contact_import_batches, domain_dkim_keys, tenants
from misarmail_server.services.contact_import_rows import ImportRow
from misarmail_server.settings import Settings

TARGET = 700  # mails a second and core
BATCH = 5_000
DOMAIN = "example.com"
PAGE = """<html><body><h1>Hello {{first_name|friend}}</h1><p>Everything at {{company}} is 20 % off until Sunday.
<a href="https://example.com/offers">See the offers</a> or <a href="https://example.com/shop">the shop</a>.</p></body></html>"""
HERE = Path(__file__).resolve().parent
BUILT = HERE.parents[1] / "build" / "bench"
POSTFIX = BUILT / "postfix"


def main() -> int:
    """Run one campaign and print its figures."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-engine-") as folder, sink() as port:
        chosen = settings.load({"MISARMAIL_STATE": folder, "MISARMAIL_RELAY": f"smtp://127.0.0.1:{port}"})
        store = Store(chosen.database_url)
        migrate.upgrade(store)
        prepare(chosen, store, options.mails)
        seconds, used = run(chosen, store, options.processes)
        with store.read() as connection:
            delivered = len(connection.execute(select(tables.Recipient.id).where(tables.Recipient.state == "delivered")).all())
        store.close()
        peers = {name: command(Path(folder), port) for name, command in PEERS.items()} if options.peers else {}
    rate = options.mails / used.ru_utime if used.ru_utime else 0.0
    each = options.mails / (used.ru_utime + used.ru_stime)
    print(f"{delivered:,} of {options.mails:,} mails delivered in {seconds:.1f} s: {options.mails / seconds:,.0f} a second")
    for name, microseconds in peers.items():
        print(f"{name}: {1e6 / microseconds:,.0f} per second and core; MisarMail sends {each * microseconds / 1e6:.1f} times as many")
    print(f"{each:,.0f} a second and core ({rate:,.0f} without system time), target {TARGET}; {used.ru_maxrss // 1024} MB")
    return 0 if delivered == options.mails else 1


def arguments() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=20_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--peers", action="store_true")
    return parser.parse_args()


@contextmanager
def sink() -> Iterator[int]:
    """A running `smtp-sink` that discards everything; its port."""
    port = servers.free_port()
    environment = {**os.environ, "LD_LIBRARY_PATH": str(POSTFIX / "usr/lib/postfix")}
    command = [str(POSTFIX / "usr/sbin/smtp-sink"), "-u", "nobody", f"127.0.0.1:{port}", "1000"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.kill()
        process.wait()


def prepare(chosen: Settings, store: Store, count: int) -> None:
    """An account with a verified, signing domain, contacts, and a campaign that is due."""
    account_id = store.write(lambda connection: tenants.create(connection, "bench@example.com", plan="enterprise", senders="verified"))
    ctx = DetachedContext(store, chosen, Principal(account_id, "enterprise", "verified"))
    ctx.writing(add_domain)
    for start in range(0, count, BATCH):
        rows = [person(number) for number in range(start, min(count, start + BATCH))]
        ctx.writing(lambda unit, rows=rows: contact_import_batches.store(unit, rows, changes_existing=False))  # type: ignore[misc]  # bound now, because the loop continues
    ctx.writing(add_campaign)


def person(number: int) -> ImportRow:
    """A contact."""
    given = {"first_name": f"Ada {number}", "last_name": "Lovelace", "company": "Analytical Engines"}
    return ImportRow(number, f"person{number}@receiver{number % 50}.example", given, None, [], {"plan": "gold"})


def add_domain(unit: Context) -> None:
    """A verified domain with two active keys."""
    (id_,) = new_ids("dom", 1)
    statuses = dict.fromkeys(("dkim_status", "spf_status", "dmarc_status", "mx_status", "return_path_status", "proof_status"), "valid")
    row = {"id": id_, "account_id": unit.account_id, "name": DOMAIN, "state": "verified", "generation": 1, "created_at": now(), **statuses}
    unit.connection.execute(insert(tables.Domain).values(row))
    unit.connection.execute(insert(tables.VerifiedDomain).values(name=DOMAIN, domain_id=id_, account_id=unit.account_id))
    for pair in domain_dkim_keys.make_pairs():
        key = domain_dkim_keys.row(unit, id_, pair, 1)
        key.state = "active"
        unit.db.add(key)
    unit.db.flush()


def add_campaign(unit: Context) -> None:
    """A campaign to all contacts, due now."""
    (id_,) = new_ids("camp", 1)
    texts = {"name": "Bench", "subject": "Hello {{first_name|friend}}", "from_email": f"news@{DOMAIN}", "body_html": PAGE}
    times = {"scheduled_at": now(), "created_at": now(), "updated_at": now()}
    row = {"id": id_, "account_id": unit.account_id, "status": "scheduled", "total_recipients": 0, **texts, **times}
    unit.connection.execute(insert(tables.Campaign).values(row))


def run(chosen: Settings, store: Store, processes: int) -> tuple[float, resource.struct_rusage]:
    """Seconds until the campaign is sent, and the resources that the workers used."""
    environment = {**os.environ, "MISARMAIL_STATE": str(chosen.state), "MISARMAIL_RELAY": chosen.relay}
    began = time.perf_counter()
    command = [str(servers.BIN / "misarmail"), "worker", "--processes", str(processes)]
    worker = subprocess.Popen(command, env=environment, stderr=sys.stderr)
    waiting = select(tables.Campaign.id).where(tables.Campaign.status.in_(("scheduled", "sending")))
    while is_open(store, waiting):
        signal.sigtimedwait([], 0.2)
    seconds = time.perf_counter() - began
    worker.terminate()
    _, _, used = os.wait4(worker.pid, 0)
    children = resource.getrusage(resource.RUSAGE_CHILDREN) if processes > 1 else used
    return seconds, children


def post_office(folder: Path, port: int) -> float:
    """Microseconds of processor time per mail of django-post-office, which queues in SQLite as well."""
    return peer([sys.executable, str(HERE / "peers" / "peer_django.py"), str(write_page(folder)), str(port), "500"])


def nodemailer(folder: Path, port: int) -> float:
    """Microseconds of processor time per mail of nodemailer, which keeps no ledger."""
    return peer(["node", str(BUILT / "smtp.mjs"), str(write_page(folder)), str(port), "4000"])


PEERS = {"django-post-office and dkimpy, both signatures": post_office, "nodemailer, one signature, no ledger": nodemailer}


def peer(command: list[str]) -> float:
    """The microseconds that a peer prints last."""
    result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout.splitlines()[-1])
    if result["sent"] != int(command[-1]):
        raise RuntimeError(f"{command[1]} sent {result['sent']} of {command[-1]}")
    return float(result["microseconds"])


def write_page(folder: Path) -> Path:
    """The campaign's page and an RSA key, as the peers read them; the folder."""
    rsa, edwards = domain_dkim_keys.make_pairs()
    (folder / "page.html").write_text(PAGE)
    pem = load_der_private_key(rsa.private_key, None).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (folder / "rsa.pem").write_bytes(pem)
    seed = load_der_private_key(edwards.private_key, None).private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    (folder / "ed25519").write_bytes(base64.b64encode(seed))
    return folder


def is_open(store: Store, waiting: object) -> bool:
    """Whether the campaign is still being sent."""
    with store.read() as connection:
        return connection.scalar(waiting) is not None  # type: ignore[call-overload]  # a query


if __name__ == "__main__":
    sys.exit(main())
