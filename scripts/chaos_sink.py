"""An SMTP receiver that logs each recipient before it answers the final dot, and prints its port.

With `--faults P` it mistreats that share of the mails as receivers do: it defers at RCPT or after the content, hangs up at RCPT or after
the content, whether or not it kept the mail, replies late, and now and then defers everything for a second. A line of the log is
`+ADDRESS` for a mail that it kept and `?ADDRESS` for one that it closed the connection on after the content.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time
from contextlib import suppress

STORM_SECONDS = 1.0
STORMS = 0.05  # of all faults
FAULTS = ("greylist", "refuse", "hang up", "drop", "lose", "delay")
PLAIN = "none"
REPLIES = {b"EHLO": b"250-chaos\r\n250-PIPELINING\r\n250 8BITMIME\r\n", b"DATA": b"354 Go on\r\n"}
REFUSALS = {b"RCPT": b"450 4.2.0 come again\r\n", b"DATA": b"503 5.5.1 no recipient\r\n"}


class Sink:
    """A receiver that mistreats some mails."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._log = os.open(options.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._faults: float = options.faults
        self._max_delay: float = options.delay
        self._draw = random.Random(options.seed)  # noqa: S311 - the same faults for the same seed
        self._storm_ends = 0.0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until it ends in any way: the client is killed now and then."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._converse(reader, writer)
        writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 chaos ESMTP\r\n")
        recipient, fault = b"", PLAIN
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                recipient, fault = line.partition(b"<")[2].partition(b">")[0], self._fault()
            if verb == b"QUIT" or (verb == b"RCPT" and fault == "hang up"):
                return
            writer.write(REFUSALS[verb] if fault == "greylist" and verb in REFUSALS else REPLIES.get(verb, b"250 OK\r\n"))
            if verb == b"DATA" and fault != "greylist":
                await reader.readuntil(b"\r\n.\r\n")
                if not await self._took(recipient, fault, writer):
                    return

    async def _took(self, recipient: bytes, fault: str, writer: asyncio.StreamWriter) -> bool:
        """Answer the content; False to hang up instead."""
        if fault == "refuse":
            writer.write(b"451 4.3.0 not now\r\n")
            return True
        if fault in {"drop", "lose"}:
            os.write(self._log, b"?" + recipient + b"\n")
        if fault != "lose":
            os.write(self._log, b"+" + recipient + b"\n")
        if fault == "delay":
            await asyncio.sleep(self._draw.random() * self._max_delay)
        writer.write(b"" if fault in {"drop", "lose"} else b"250 2.0.0 kept\r\n")
        return fault not in {"drop", "lose"}

    def _fault(self) -> str:
        """The fault of the next mail."""
        if time.monotonic() < self._storm_ends:
            return "greylist"
        if self._draw.random() >= self._faults:
            return PLAIN
        if self._draw.random() < STORMS:
            self._storm_ends = time.monotonic() + STORM_SECONDS
        return self._draw.choice(FAULTS)


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log")
    parser.add_argument("--faults", type=float, default=0.0)
    parser.add_argument("--delay", type=float, default=0.0, help="the longest delay of a reply, in seconds")
    parser.add_argument("--seed", type=int, default=0)
    server = await asyncio.start_server(Sink(parser.parse_args()).talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
