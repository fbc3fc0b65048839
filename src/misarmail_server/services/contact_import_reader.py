"""Reading a CSV file in a process of its own, so that a second processor judges rows while this one stores those before them.

A thread takes what comes through the pipe, which alone has room for a fraction of what is stored at once.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

import msgspec

from misarmail_server.errors import Invalid
from misarmail_server.services import contact_import_csv
from misarmail_server.services.contact_import_rows import BadRow, ImportRow

SENT_AT_ONCE = 2_000  # rows
AHEAD = 12  # such pieces wait at most
Piece = list[ImportRow | BadRow] | str | None  # a sentence that refuses the file, or None for its end
encode = msgspec.msgpack.Encoder().encode
decode: Callable[[bytes], Piece] = msgspec.msgpack.Decoder(Piece).decode


def rows(path: Path) -> Iterator[ImportRow | BadRow]:
    """What `contact_csv.rows` gives for a file. Raises Invalid as it does."""
    spawning = multiprocessing.get_context("spawn")  # a fork would take the database's connections along
    ours, theirs = spawning.Pipe(duplex=False)
    reader = spawning.Process(target=_read, args=(path, theirs), daemon=True)
    reader.start()
    theirs.close()
    waiting: SimpleQueue[bytes] = SimpleQueue()
    room = threading.Semaphore(AHEAD)
    threading.Thread(target=_receive, args=(ours, waiting, room), daemon=True).start()
    try:
        while isinstance(some := _next(waiting), list):
            room.release()
            yield from some
        if some is not None:
            raise Invalid(contact_import_csv.FIELD, some)
    finally:
        reader.terminate()  # it has ended, unless nobody wants the rest
        reader.join()
        room.release(AHEAD)


def _next(waiting: SimpleQueue[bytes]) -> Piece:
    received = waiting.get()
    if not received:
        raise Invalid(contact_import_csv.FIELD, "Was not read to its end: the process that reads it was ended")
    return decode(received)


def _receive(pipe: Connection, waiting: SimpleQueue[bytes], room: threading.Semaphore) -> None:
    """Take pieces while there is room for them; the last is empty."""
    with pipe, suppress(EOFError, OSError):
        while room.acquire():
            waiting.put(pipe.recv_bytes())
    waiting.put(b"")


def _read(path: Path, pipe: Connection) -> None:
    """Send lists of rows, then None, or the sentence that refuses the file."""
    with suppress(BrokenPipeError):  # the other side wants no more
        try:
            source = contact_import_csv.rows(lambda: path.open("rb"))
            while some := list(islice(source, SENT_AT_ONCE)):
                pipe.send_bytes(encode(some))
        except Invalid as refusal:
            pipe.send_bytes(encode(refusal.reason))
        except OSError as error:
            pipe.send_bytes(encode(f"Cannot be read: {error.strerror}"))
        else:
            pipe.send_bytes(encode(None))
