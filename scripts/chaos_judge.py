"""Compare the ledger with the receiver's log."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from misarmail_server.db import tables
from misarmail_server.db.store import Store

SETTLED = frozenset({"delivered", "ambiguous"})


class Received(NamedTuple):
    """The number of mails that the receiver kept, by address, and the number after which it closed the connection without a reply."""

    kept: Counter[str]
    dropped: int


def read(log: Path) -> Received:
    """The complete lines of the receiver's log."""
    lines = log.read_text("utf-8").split("\n")[:-1] if log.exists() else []
    return Received(Counter(line[1:] for line in lines if line[0] == "+"), sum(line[0] == "?" for line in lines))


def judge(store: Store, received: Received, allowed: int) -> list[str]:
    """The broken promises; `allowed` is how many mails may be ambiguous in addition to those that the receiver hung up on."""
    kept = received.kept
    with store.read() as connection:
        states = {row.address: row.state for row in connection.execute(select(tables.Recipient.address, tables.Recipient.state))}
        listed = {
            address for address in connection.scalars(select(tables.Event.recipient).where(tables.Event.type == "ambiguous")) if address
        }
    twice = {address for address, times in kept.items() if times > 1}
    missing = {address for address in states if not kept[address]}
    counts = dict(Counter(states.values()))
    summary = f"{len(twice)} arrived twice, {len(missing)} did not arrive, {len(listed)} ambiguous, {received.dropped} hung up on"
    print(f"{len(states):,} mails; {summary}; {counts}")
    faults = [f"lost, not listed: {address} is {states[address]}" for address in sorted(missing - listed)]
    faults += [f"recorded as delivered, never received: {address}" for address in sorted(missing) if states[address] == "delivered"]
    faults += [f"arrived {kept[address]} times, not listed: {address}" for address in sorted(twice - listed)]
    faults += [f"still {state}: {address}" for address, state in sorted(states.items()) if state not in SETTLED]
    faults += [f"marketing arrived twice: {address}" for address in sorted(twice) if states[address] == "ambiguous"]
    if len(listed) > allowed + received.dropped:
        faults.append(f"{len(listed)} ambiguous; allowed are {allowed}, and {received.dropped} that the receiver hung up on")
    return faults
