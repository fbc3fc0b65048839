"""The file of a backup: a tar archive (POSIX.1-2001) of the database, the key, the workers' journals and a manifest.

The manifest has the SHA-256 of every other member and the number of rows of every table.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from misarmail_server.errors import Conflict

MANIFEST, DATABASE, KEY, CONFIGURATION, JOURNALS = "manifest.json", "database", "secret.key", "misarmail.toml", "journal"
CHUNK = 1_000_000


class Manifest(msgspec.Struct):
    """`database` is sqlite or postgresql, `revision` is that of its tables, `key_proof` that of the key, empty if none was recorded.

    `has_key`: the key is in the archive, as a file or in the configuration file.
    """

    version: str
    database: str
    revision: str
    created_at: int
    key_proof: str
    has_key: bool
    rows: dict[str, int]
    sha256: dict[str, str]


@contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """A folder for the contents of an archive, for its owner only, on the same disk; deleted at the end."""
    try:
        with tempfile.TemporaryDirectory(prefix=".misarmail-", dir=parent) as folder:
            yield Path(folder)
    except OSError as error:
        raise refused(f"{error.filename or parent} cannot be used: {error.strerror}") from error


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder, by its path in the archive."""
    return {str(path.relative_to(folder)): _sha256(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def pack(folder: Path, manifest: Manifest, target: Path) -> None:
    """Write the archive, readable by its owner only, and read it back. It has its name when it is complete and on the disk."""
    (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    unfinished = folder.parent / f"{folder.name}.tar"
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - for its mode
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for path in [folder / MANIFEST, *(folder / name for name in manifest.sha256)]:
                    archive.add(path, str(path.relative_to(folder)))
            file.flush()
            os.fsync(file.fileno())
        _require_digests(unfinished, manifest)
        os.link(unfinished, target)  # which refuses to replace a file
    except FileExistsError as error:
        raise refused(f"{target} exists already") from error
    finally:
        unfinished.unlink(missing_ok=True)


def unpack(source: Path, folder: Path) -> Manifest:
    """Extract an archive whose members are what its manifest says. Raises Conflict."""
    try:
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, tarfile.TarError, msgspec.DecodeError) as error:
        raise refused(f"{source} is not a backup: {error}") from error
    contents = digests(folder)
    contents.pop(MANIFEST)
    if contents != manifest.sha256:
        raise refused(f"{source} is damaged: its contents are not those that were written")
    return manifest


def refused(sentence: str) -> Conflict:
    """A backup or a restoration that is refused."""
    return Conflict("validation_failed", sentence)


def _require_digests(archive: Path, manifest: Manifest) -> None:
    with tarfile.open(archive) as members:
        for name, expected in manifest.sha256.items():
            member = members.extractfile(name)
            if member is None or hashlib.file_digest(member, "sha256").hexdigest() != expected:  # type: ignore[arg-type]  # it is a file
                raise refused(f"{name} cannot be read back from the archive")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
