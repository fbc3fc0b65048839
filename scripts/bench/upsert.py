"""Upserts of contacts through the services: one process, a transaction each, half new and half existing, on SQLite."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time

from misarmail_contract import models
from misarmail_server import settings
from misarmail_server.context import Context, Principal
from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.services import contacts, tenants

TARGET = 1_500  # per second of processor time


def main() -> int:
    """Measure and print; 1 below the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=4_000, help="number of upserts (default 4,000)")
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory(prefix="bench-upsert-") as folder:
        chosen = settings.load({"MISARMAIL_STATE": folder})
        store = Store(chosen.database_url)
        migrate.upgrade(store)
        account_id = store.write(lambda connection: tenants.create(connection, "a@b.example", plan="enterprise", senders="any"))
        principal = Principal(account_id, "enterprise", "any", scopes=None)
        began_at, began_cpu = time.perf_counter(), time.process_time()
        for number in range(count):
            new = models.ContactUpsert(email=f"{number // 2}@example.com", first_name=f"Ada {number}", custom_fields={"number": number})
            store.write(lambda connection, new=new: contacts.upsert(Context.of_principal(store, chosen, connection, principal), new))
        seconds, cpu = time.perf_counter() - began_at, time.process_time() - began_cpu
        store.close()
    print(f"{count:,} upserts: {count / cpu:,.0f} per second of one core, {count / seconds:,.0f} per second in all")
    return int(count / cpu < TARGET)


if __name__ == "__main__":
    sys.exit(main())
