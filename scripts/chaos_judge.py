"""Hold the ledger against the receiver's log."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store

SETTLED = frozenset({"delivered", "ambiguous"})


class Received(NamedTuple):
    """What the receiver kept, by address, and after how many mails it hung up without a word."""

    kept: Counter[str]
    dropped: int


def read(log: Path) -> Received:
    """The receiver's log as far as it goes."""
    lines = log.read_text("utf-8").split("\n")[:-1] if log.exists() else []
    return Received(Counter(line[1:] for line in lines if line[0] == "+"), sum(line[0] == "?" for line in lines))


def judge(store: Store, received: Received, allowed: int) -> list[str]:
    """What is not as promised; `allowed` is how many mails may be in doubt beside those that the receiver hung up on."""
    kept = received.kept
    with store.read() as connection:
        states = {row.address: row.state for row in connection.execute(select(tables.Recipient.address, tables.Recipient.state))}
        listed = {
            address for address in connection.scalars(select(tables.Event.recipient).where(tables.Event.type == "ambiguous")) if address
        }
    twice = {address for address, times in kept.items() if times > 1}
    missing = {address for address in states if not kept[address]}
    counts = dict(Counter(states.values()))
    said = f"{len(twice)} came twice, {len(missing)} did not come, {len(listed)} in doubt, {received.dropped} hung up on"
    print(f"{len(states):,} mails; {said}; {counts}")
    faults = [f"lost, not listed: {address} is {states[address]}" for address in sorted(missing - listed)]
    faults += [f"called delivered, never received: {one}" for one in sorted(missing) if states[one] == "delivered"]
    faults += [f"came {kept[address]} times, not listed: {address}" for address in sorted(twice - listed)]
    faults += [f"still {state}: {address}" for address, state in sorted(states.items()) if state not in SETTLED]
    faults += [f"marketing came twice: {one}" for one in sorted(twice) if states[one] == "ambiguous"]
    if len(listed) > allowed + received.dropped:
        faults.append(f"{len(listed)} in doubt where {allowed} may be, and {received.dropped} that the receiver hung up on")
    return faults
