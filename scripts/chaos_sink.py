"""An SMTP receiver that writes down each recipient before it answers the final dot, and prints its port: `chaos_sink.py LOG`."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress


async def main() -> None:
    """Serve until killed."""
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    server = await asyncio.start_server(lambda reader, writer: talk(reader, writer, log), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: int) -> None:
    """One connection, until it ends in any way: whoever talks to us is killed now and then."""
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        await converse(reader, writer, log)
    writer.close()


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, log: int) -> None:
    """The dialogue."""
    writer.write(b"220 chaos ESMTP\r\n")
    recipient = b""
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"EHLO":
            writer.write(b"250-chaos\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif verb == b"RCPT":
            recipient = line.partition(b"<")[2].partition(b">")[0]
            writer.write(b"250 OK\r\n")
        elif verb == b"DATA":
            writer.write(b"354 Go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
            os.write(log, recipient + b"\n")
            writer.write(b"250 2.0.0 kept\r\n")
        elif verb == b"QUIT":
            break
        else:
            writer.write(b"250 OK\r\n")


if __name__ == "__main__":
    asyncio.run(main())
