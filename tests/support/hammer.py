"""A process that writes rows as fast as it can: `hammer.py DATABASE_URL NAME COUNT`; with a COUNT of 0, until its input ends.

It says `started` after its first row, and at the end how many it wrote.
"""

from __future__ import annotations

import sys
import threading

from sqlalchemy import Connection, text

from misarmail_server.db.store import Store

THREADS = 4
INSERT = text("INSERT INTO notes (words) VALUES (:words)")


def main(url: str, name: str, count: int) -> None:
    store, has_input = Store(url), threading.Event()
    has_input.set()
    written = [0] * THREADS

    def write(connection: Connection) -> None:
        connection.execute(INSERT, {"words": name})

    def hammer(number: int) -> None:
        while written[number] < count // THREADS or (count == 0 and has_input.is_set()):
            store.write(write)
            written[number] += 1

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(THREADS)]
    store.write(write)
    sys.stdout.write("started\n")
    sys.stdout.flush()
    for thread in threads:
        thread.start()
    sys.stdin.read()
    has_input.clear()
    for thread in threads:
        thread.join()
    store.close()
    sys.stdout.write(f"{sum(written) + 1}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
