"""Limits for unknown clients."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from misarmail_server.external.client_networks import wide_network
from misarmail_server.mail_server.guards import ConnectionLimits


@dataclass(eq=False)
class Connection:
    idle_since: float = 0.0
    is_closed: bool = False

    def give_up(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize(
    ("peer", "wide"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
    ],
)
def test_the_network_of_an_address(peer: str, wide: str) -> None:
    assert wide_network(peer) == wide


def test_a_network_has_so_many_connections_whatever_its_addresses() -> None:
    limits = ConnectionLimits(most=10, most_of_one=2, most_of_network=3)

    entered = [limits.enter(f"192.0.2.{number}", Connection()) for number in (1, 1, 1, 2, 3)]

    assert (entered, limits.enter("192.0.3.1", Connection())) == ([True, True, False, True, False], True)


def test_the_idlest_connection_of_the_largest_network_makes_room() -> None:
    limits = ConnectionLimits(most=4, most_of_one=4, most_of_network=4)
    crowd = [Connection(idle_since) for idle_since in (30.0, float("inf"), 20.0)]
    entered = [limits.enter("192.0.2.1", connection) for connection in crowd] + [limits.enter("192.0.3.1", Connection(1.0))]

    entered += [limits.enter("192.0.4.1", Connection()), limits.enter("192.0.2.9", Connection())]

    assert (entered, [connection.is_closed for connection in crowd]) == ([True] * 5 + [False], [False, False, True])


def test_connections_that_are_being_served_are_not_replaced() -> None:
    limits = ConnectionLimits(most=2, most_of_one=4, most_of_network=4)

    entered = [limits.enter(peer, Connection(float("inf"))) for peer in ("192.0.2.1", "192.0.2.1", "192.0.3.1")]

    assert entered == [True, True, False]


def test_a_closed_connection_makes_room_and_ends_the_pressure() -> None:
    limits = ConnectionLimits(most=4, most_of_one=2, most_of_network=2)
    open_ = [Connection(), Connection()]
    pressed = [(limits.enter("192.0.2.1", connection), limits.is_pressed) for connection in open_]

    limits.leave("192.0.2.1", open_[0])

    assert (pressed, limits.is_pressed, limits.enter("192.0.2.1", Connection())) == ([(True, False), (True, True)], False, True)
