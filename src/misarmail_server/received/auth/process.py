"""A process that checks mails one after another, with limits on its memory and processor time: `python -m ...auth.process BYTES`.

It reads a frame for each mail from its input and writes a frame with the result; a frame is JSON or bytes after their length.
"""

from __future__ import annotations

import resource
import struct
import sys
from typing import IO

import msgspec

from misarmail_server.received.auth import checks
from misarmail_server.received.auth.checks import SmtpSession

PROCESSOR_SECONDS = 10  # for one mail
LENGTH = struct.Struct("!I")


class CheckRequest(msgspec.Struct):
    """The session of a mail; the mail itself follows in the next frame."""

    server: tuple[str, int] | None
    session: SmtpSession


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Raises OSError."""
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes:
    """Raises EOFError at the end of the stream, OSError."""
    head = stream.read(LENGTH.size)
    data = stream.read(LENGTH.unpack(head)[0]) if len(head) == LENGTH.size else b""
    if len(head) < LENGTH.size or len(data) < LENGTH.unpack(head)[0]:
        raise EOFError
    return data


def main() -> None:
    """Serve until the input ends, which it does when the parent process ends."""
    memory = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            request = msgspec.json.decode(read_frame(sys.stdin.buffer), type=CheckRequest)
            raw = read_frame(sys.stdin.buffer)
        except EOFError:
            return
        _allow_more_time()
        try:
            results = checks.check(request.server, request.session, raw)
        except MemoryError:
            sys.exit("a mail needs too much memory to be checked")
        write_frame(sys.stdout.buffer, msgspec.json.encode(results))


def _allow_more_time() -> None:
    """The limit of processor time counts from the start of the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + PROCESSOR_SECONDS, hard))


if __name__ == "__main__":
    main()
