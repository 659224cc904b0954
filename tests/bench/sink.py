"""A bare SMTP server in a process of its own: it takes every mail and keeps the Message-IDs, nothing else."""

import asyncio
import re
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

_MESSAGE_ID = re.compile(rb"^message-id: *(\S+)", re.IGNORECASE | re.MULTILINE)
_LONGEST_MAIL = 1024 * 1024
_SPAWN = get_context("spawn")


@dataclass(frozen=True)
class SmtpSink:
    """A server that runs on loopback."""

    port: int
    line: "Connection[None, list[str]]"

    def received(self) -> Counter[str]:
        """Count each Message-ID that has come in."""
        self.line.send(None)
        return Counter(self.line.recv())


@contextmanager
def sink() -> Iterator[SmtpSink]:
    """Run a server for the length of a block."""
    here, there = _SPAWN.Pipe()
    process = _SPAWN.Process(target=_run, args=(there,), daemon=True)
    process.start()
    # Its end is the process's alone, so that whoever waits hears of its death.
    there.close()
    try:
        yield SmtpSink(here.recv(), here)
    finally:
        process.terminate()
        process.join()


def _run(line: "Connection[int | list[str], None]") -> None:
    asyncio.run(_serve(line))


async def _serve(line: "Connection[int | list[str], None]") -> None:
    ids: list[str] = []

    async def converse(reader: StreamReader, writer: StreamWriter) -> None:
        await _converse(reader, writer, ids)

    def tell() -> None:
        line.recv()
        line.send(ids)

    server = await asyncio.start_server(converse, "127.0.0.1", 0, limit=_LONGEST_MAIL)
    asyncio.get_running_loop().add_reader(line.fileno(), tell)
    line.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _converse(reader: StreamReader, writer: StreamWriter, ids: list[str]) -> None:
    writer.write(b"220 sink\r\n")
    while command := await reader.readline():
        verb = command[:4].upper()
        if verb == b"DATA":
            writer.write(b"354 go on\r\n")
            mail = await reader.readuntil(b"\r\n.\r\n")
            found = _MESSAGE_ID.search(mail)
            ids.append(found[1].decode() if found else "none")
        writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 taken\r\n")
        if verb == b"QUIT":
            break
    writer.close()
