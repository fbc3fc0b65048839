"""Counts of requests by operation and status, in memory that all API processes of one `serve` share.

Each process writes to its own row, so that nothing is locked; a process that is started again continues its row. No file is involved: a
mapped file on a full disk would end the process.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

NO_OPERATION = ""  # pages, and requests that match no operation
STATUSES = (
    200,
    201,
    202,
    204,
    206,
    301,
    302,
    303,
    304,
    307,
    308,
    400,
    401,
    403,
    404,
    405,
    406,
    408,
    409,
    410,
    412,
    413,
    415,
    422,
    429,
    500,
    503,
)
OTHER_STATUS = 0  # of no response, and of unusual ones
CELL = struct.Struct("=Qd")  # requests, seconds


class RequestCount(NamedTuple):
    """The requests for an operation that had the same status, and the seconds that they took together. `status` is empty for others."""

    operation: str
    status: str
    requests: int
    seconds: float


class RequestCounts:
    """A row of counts for each process. Only one thread of a process may add; any may read."""

    def __init__(self, operations: Sequence[str], processes: int = 1) -> None:
        self._operations = {name: number for number, name in enumerate((NO_OPERATION, *operations))}
        self._statuses = {status: number for number, status in enumerate((OTHER_STATUS, *STATUSES))}
        self._processes = processes
        self._row_bytes = len(self._operations) * len(self._statuses) * CELL.size
        self._map = mmap.mmap(-1, self._row_bytes * processes)  # forks share it
        self._first = 0

    def use_row(self, process: int) -> None:
        """Add to the row of this process, a number below that of the processes."""
        self._first = process * self._row_bytes

    def add(self, operation: str, status: int, seconds: float) -> None:
        """Count a request."""
        offset = self._first + self._offset(self._operations.get(operation, 0), self._statuses.get(status, 0))
        count, total = CELL.unpack_from(self._map, offset)
        CELL.pack_into(self._map, offset, count + 1, total + seconds)

    def totals(self) -> Iterator[RequestCount]:
        """The sums over all processes, of what was counted at all."""
        for operation, number in self._operations.items():
            for status, column in self._statuses.items():
                offset = self._offset(number, column)
                cells = [CELL.unpack_from(self._map, row * self._row_bytes + offset) for row in range(self._processes)]
                if count := sum(cell[0] for cell in cells):
                    yield RequestCount(operation, str(status or ""), count, sum(cell[1] for cell in cells))

    def _offset(self, operation: int, status: int) -> int:
        return (operation * len(self._statuses) + status) * CELL.size
