"""Reading a CSV file in a process of its own, so that a second processor judges rows while this one stores those before them."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path

from misarmail_server.errors import Invalid
from misarmail_server.services import contact_csv
from misarmail_server.services.contact_rows import BadRow, Row

SENT_AT_ONCE = 2_000  # rows; the pipe's own room is what keeps the reader from running ahead


def rows(path: Path) -> Iterator[Row | BadRow]:
    """What `contact_csv.rows` gives for a file. Raises Invalid as it does."""
    spawning = multiprocessing.get_context("spawn")  # a fork would take the database's connections along
    ours, theirs = spawning.Pipe(duplex=False)
    reader = spawning.Process(target=_read, args=(path, theirs), daemon=True)
    reader.start()
    theirs.close()
    try:
        while isinstance(some := ours.recv(), list):
            yield from some
        if isinstance(some, str):
            raise Invalid(contact_csv.FIELD, some)
    except EOFError:
        raise Invalid(contact_csv.FIELD, "Was not read to its end: the process that reads it was ended") from None
    finally:
        ours.close()
        reader.join()


def _read(path: Path, pipe: Connection) -> None:
    """Send lists of rows, then None, or the sentence that refuses the file."""
    with suppress(BrokenPipeError):  # the other side wants no more
        try:
            source = contact_csv.rows(lambda: path.open("rb"))
            while some := list(islice(source, SENT_AT_ONCE)):
                pipe.send(some)
        except Invalid as refusal:
            pipe.send(refusal.reason)
        except OSError as error:
            pipe.send(f"Cannot be read: {error.strerror}")
        else:
            pipe.send(None)
