"""Postfix, Exim and Haraka as receivers, each in a separate folder, on a free port, with TLS, refusing the user `nobody-here`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import packages
from tests.support.waiting import until

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@dataclass
class Server:
    """`kept` is the folder below which its mail lies."""

    port: int
    kept: Path

    def has(self, content: bytes) -> bool:
        """Whether this came to lie there."""
        return any(content in file.read_bytes().replace(b"\r\n", b"\n") for file in self.kept.rglob("*") if file.is_file())


@contextmanager
def postfix(folder: Path) -> Iterator[Server]:
    root, port = packages.debian("postfix", "postfix"), _free_port()
    owner = packages.user("postfix")
    packages.run("groupadd", "--system", "--force", "postdrop")
    conf, data, queue, kept = (_made(folder / name) for name in ("conf", "data", "queue", "kept"))
    os.chown(data, owner, -1)
    os.chown(kept, 65_534, -1)
    shutil.copy(CERTIFICATE, conf / "cert.pem")
    library = root / "usr/lib/postfix"
    (conf / "main.cf").write_text(
        f"compatibility_level = 3.6\ncommand_directory = {root}/usr/sbin\ndaemon_directory = {library}/sbin\nshlib_directory = {library}\n"
        f"meta_directory = {root}/etc/postfix\nqueue_directory = {queue}\ndata_directory = {data}\nconfig_directory = {conf}\n"
        f"maillog_file = {folder}/log\nmaillog_file_prefixes = /\nimport_environment = MAIL_CONFIG LD_LIBRARY_PATH\n"
        f"inet_interfaces = 127.0.0.1\nmyhostname = postfix.example.test\nmydestination =\nalias_maps =\n"
        "virtual_mailbox_domains = example.test\nvirtual_mailbox_maps = inline:{user@example.test=box, jürgen@example.test=box}\n"
        f"virtual_mailbox_base = {kept}\nvirtual_uid_maps = static:65534\nvirtual_gid_maps = static:65534\nvirtual_mailbox_limit = 0\n"
        f"smtpd_tls_security_level = may\nsmtpd_tls_chain_files = {conf}/cert.pem\n"
        "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n"
    )
    master = (root / "usr/share/postfix/master.cf.dist").read_text()
    (conf / "master.cf").write_text(master.replace("smtp      inet  n ", f"127.0.0.1:{port} inet  n ", 1).replace("  y  ", "  n  "))
    environment = {**os.environ, "LD_LIBRARY_PATH": f"{library}:{packages.libraries(root)}"}
    command = (str(root / "usr/sbin/postfix"), "-c", str(conf))
    packages.run(*command, "start", environment=environment)
    try:
        yield _answering(Server(port, kept))
    finally:
        packages.run(*command, "stop", environment=environment)


@contextmanager
def exim(folder: Path) -> Iterator[Server]:
    root, port = packages.debian("exim", "exim4-daemon-light"), _free_port()
    owner = packages.user("Debian-exim")
    spool = _made(folder / "spool")
    for path in (folder, spool, Path(shutil.copy(CERTIFICATE, folder / "cert.pem"))):
        os.chown(path, owner, -1)
    configuration = folder / "exim.conf"
    configuration.write_text(
        f"primary_hostname = exim.example.test\nspool_directory = {spool}\nlog_file_path = {folder}/%slog\npid_file_path = {folder}/pid\n"
        f"tls_advertise_hosts = *\ntls_certificate = {folder}/cert.pem\nsmtputf8_advertise_hosts = *\nqueue_only = true\nhost_lookup =\n"
        "rfc1413_query_timeout = 0s\nacl_smtp_rcpt = judge\nbegin acl\njudge:\n  deny local_parts = nobody-here\n"
        "       message = 5.1.1 unknown user\n  accept\nbegin routers\nnone:\n  driver = accept\n  transport = none\n"
        "begin transports\nnone:\n  driver = appendfile\n  file = /dev/null\n  user = nobody\n"
    )
    command = [str(root / "usr/sbin/exim4"), "-C", str(configuration), "-bdf", "-oX", f"127.0.0.1.{port}"]
    with _running(command, Server(port, spool), LD_LIBRARY_PATH=packages.libraries(root)) as server:
        yield server


@contextmanager
def haraka(folder: Path) -> Iterator[Server]:
    # Two of its dependencies are given here because not every registry has their newest versions.
    root = packages.npm("haraka", {"Haraka": "3.1.7"}, {"encoding-japanese": "2.2.0", "libqp": "2.1.1"})
    program, home, port = str(root / "node_modules/Haraka/bin/haraka"), folder / "home", _free_port()
    packages.run("node", program, "-i", str(home))
    (home / "config/smtp.ini").write_text(f"listen=127.0.0.1:{port}\nnodes=0\n")
    (home / "config/plugins").write_text("keep\ntls\n")
    for name in ("tls_cert.pem", "tls_key.pem"):
        shutil.copy(CERTIFICATE, home / "config" / name)
    shutil.copy(Path(__file__).with_name("haraka_keep.js"), home / "plugins/keep.js")
    kept = _made(folder / "kept")
    with _running(["node", program, "-c", str(home)], Server(port, kept), KEPT=str(kept)) as server:
        yield server


@contextmanager
def _running(command: list[str], server: Server, **environment: str) -> Iterator[Server]:
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield _answering(server)
    finally:
        process.terminate()
        process.wait(20)


def _answering(server: Server) -> Server:
    def greets() -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 5) as connection:
            return connection.recv(3) == b"220"
        return False

    until(greets)
    return server


def _made(path: Path) -> Path:
    path.mkdir()
    return path


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: Any = server.getsockname()[1]
        return int(port)
