"""The networks that an account signs in from: there, attempts of others elsewhere do not keep its owner out."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from misarmail_server.context import DAY, Unit, now
from misarmail_server.db import dialects, tables
from misarmail_server.external import client_networks
from misarmail_server.services import email_addresses

LIFETIME = 90 * DAY
MAX_NETWORKS = 20  # of one account; the oldest is forgotten


def remember(unit: Unit, account_id: str, ip_address: str | None) -> None:
    """Record a sign-in."""
    if ip_address is None:
        return
    known = tables.SignInNetwork
    row = {"account_id": account_id, "network": client_networks.network_or_text(ip_address), "last_at": unit.now()}
    new = dialects.insert(unit.connection.dialect.name, known).values(row)
    unit.connection.execute(new.on_conflict_do_update(index_elements=["account_id", "network"], set_={"last_at": unit.now()}))
    own = select(known.network).where(known.account_id == account_id)
    oldest = own.order_by(known.last_at.desc(), known.network).offset(MAX_NETWORKS).limit(MAX_NETWORKS)
    unit.connection.execute(delete(known).where(known.account_id == account_id, known.network.in_(oldest)))


def is_known(connection: Connection, email: str, network: str) -> bool:
    """Whether the owner of this account has signed in from this network lately."""
    known, account = tables.SignInNetwork, tables.Account
    query = select(known.network).join(account, account.id == known.account_id)
    recent = query.where(account.email == email_addresses.key(email), known.network == network, known.last_at > now() - LIFETIME)
    return connection.scalar(recent) is not None
