"""Reads a CSV file in a separate process, so that a second processor validates rows while this one stores earlier ones.

A thread drains the pipe, whose buffer is smaller than one batch.
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

ROWS_PER_PIECE = 2_000  # rows
MAX_PIECES_AHEAD = 12  # pieces that may wait
Piece = list[ImportRow | BadRow] | str | None  # an error message, or None at the end
encode = msgspec.msgpack.Encoder().encode
decode: Callable[[bytes], Piece] = msgspec.msgpack.Decoder(Piece).decode


def rows(path: Path) -> Iterator[ImportRow | BadRow]:
    """The rows of a file, as `contact_import_csv.rows`. Raises Invalid as it does."""
    spawning = multiprocessing.get_context("spawn")  # a fork would inherit the database connections
    receiver, sender = spawning.Pipe(duplex=False)
    reader = spawning.Process(target=_read, args=(path, sender), daemon=True)
    reader.start()
    sender.close()
    waiting: SimpleQueue[bytes] = SimpleQueue()
    room = threading.Semaphore(MAX_PIECES_AHEAD)
    threading.Thread(target=_receive, args=(receiver, waiting, room), daemon=True).start()
    try:
        while isinstance(piece := _next(waiting), list):
            room.release()
            yield from piece
        if piece is not None:
            raise Invalid(contact_import_csv.FIELD, piece)
    finally:
        reader.terminate()  # it has ended, unless the caller stopped early
        reader.join()
        room.release(MAX_PIECES_AHEAD)


def _next(waiting: SimpleQueue[bytes]) -> Piece:
    received = waiting.get()
    if not received:
        raise Invalid(contact_import_csv.FIELD, "The file was not read completely: its reading process was terminated")
    return decode(received)


def _receive(pipe: Connection, waiting: SimpleQueue[bytes], room: threading.Semaphore) -> None:
    """Receive pieces while there is room for them; the last one is empty."""
    with pipe, suppress(EOFError, OSError):
        while room.acquire():
            waiting.put(pipe.recv_bytes())
    waiting.put(b"")


def _read(path: Path, pipe: Connection) -> None:
    """Send lists of rows, then None, or the error message of an invalid file."""
    with suppress(BrokenPipeError):  # the receiver stopped early
        try:
            source = contact_import_csv.rows(lambda: path.open("rb"))
            while piece := list(islice(source, ROWS_PER_PIECE)):
                pipe.send_bytes(encode(piece))
        except Invalid as refusal:
            pipe.send_bytes(encode(refusal.reason))
        except OSError as error:
            pipe.send_bytes(encode(f"Cannot be read: {error.strerror}"))
        else:
            pipe.send_bytes(encode(None))
