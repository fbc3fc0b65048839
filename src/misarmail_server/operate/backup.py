"""`misarmail backup` and `misarmail restore`: everything that cannot be made again, in one file.

The database is copied first and the journals after it: mail that left in between is known by its journal, and is not sent again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from misarmail_server import settings as declared
from misarmail_server import vault
from misarmail_server.context import now
from misarmail_server.db import migrate
from misarmail_server.db.store import Store
from misarmail_server.delivery.queue import lanes
from misarmail_server.operate import archives, dumps
from misarmail_server.operate.archives import CONFIGURATION, DATABASE, JOURNALS, KEY, Manifest, refused
from misarmail_server.services import installation
from misarmail_server.setting_types import sources
from misarmail_server.settings import VERSION, BadSettingError, Settings


def save(settings: Settings, target: Path) -> Manifest:
    """Write a backup of a platform that may run meanwhile. Raises Conflict."""
    if target.exists():
        raise refused(f"{target} exists already")
    with closing(Store(settings.database_url)) as store, archives.working_folder(target.absolute().parent) as folder:
        with store.read() as connection:
            installation.require_key(settings, connection)
            proof = installation.recorded_key(connection)
            revision = migrate.current(connection)
        if revision is None:
            raise refused("The database is empty")
        counts = dumps.of(store).save(folder / DATABASE)
        _copy_state(settings, folder)
        database = store.url.get_backend_name()
        manifest = Manifest(VERSION, database, revision, now(), proof, _holds_key(settings, folder), counts, archives.digests(folder))
        archives.pack(folder, manifest, target)
    return manifest


def restore(settings: Settings, source: Path) -> Manifest:
    """Restore a backup into an empty database and state folder, and suspend delivery. Raises Conflict, and BadSettingError without the key.

    Mail that waited when the backup was made may have left since; the operator decides whether it leaves again.
    """
    declared.require_state(settings)
    with closing(Store(settings.database_url)) as store, archives.working_folder(settings.state) as folder:
        dump = dumps.of(store)
        dump.require_empty()
        manifest = archives.unpack(source, folder)
        _require_fitting(manifest, store.url.get_backend_name())
        _require_key(settings, manifest, folder)
        _restore_state(settings, folder)
        dump.load(folder / DATABASE)
        _require_rows(store, manifest.rows)
        migrate.upgrade(store)
        store.write(lambda connection: lanes.hold(connection, lanes.ALL))
        with store.read() as connection:
            installation.require_key(settings, connection)
    return manifest


def _copy_state(settings: Settings, folder: Path) -> None:
    files = {KEY: settings.state / vault.KEY_FILE, CONFIGURATION: settings.state / sources.FILE_NAME}
    for name, path in files.items():
        if path.exists() and not (name == KEY and settings.secret):
            shutil.copyfile(path, folder / name)
    (folder / JOURNALS).mkdir()
    for journal in settings.journals.glob("*"):
        try:
            shutil.copyfile(journal, folder / JOURNALS / journal.name)
        except FileNotFoundError:  # its worker has settled all of it since
            continue


def _holds_key(settings: Settings, folder: Path) -> bool:
    """Whether the key is among the files of the archive; one in the environment is not."""
    configuration = str(settings.state / sources.FILE_NAME)
    origin = {shown.variable: shown.source for shown in declared.shown()}
    return (folder / KEY).exists() or (bool(settings.secret) and origin["MISARMAIL_SECRET"] == configuration)


def _require_key(settings: Settings, manifest: Manifest, folder: Path) -> None:
    """Refuse before anything is restored if the key will be missing. Raises BadSettingError."""
    is_restored = (folder / KEY).exists() and not settings.secret
    if manifest.key_proof and not is_restored and vault.key_proof(settings) != manifest.key_proof:
        raise BadSettingError("The key of the backup is not in it: set MISARMAIL_SECRET to the key that the platform had")


def _require_fitting(manifest: Manifest, database: str) -> None:
    if manifest.database != database:
        raise refused(f"The backup is of {manifest.database}, and MISARMAIL_DATABASE_URL names {database}")
    if manifest.revision > migrate.head():
        raise refused(f"The backup is of version {manifest.version}, which is newer than this program ({VERSION})")


def _restore_state(settings: Settings, folder: Path) -> None:
    for name, path in {KEY: settings.state / vault.KEY_FILE, CONFIGURATION: settings.state / sources.FILE_NAME}.items():
        copied = folder / name
        if not copied.exists():
            continue
        if path.exists() and path.read_bytes() != copied.read_bytes():
            raise refused(f"{path} is not the one of the backup; move it away first")
        shutil.copyfile(copied, path)
        path.chmod(0o600)
    settings.journals.mkdir(mode=0o700, parents=True, exist_ok=True)
    for journal in (folder / JOURNALS).glob("*"):
        shutil.copyfile(journal, settings.journals / journal.name)


def _require_rows(store: Store, expected: Mapping[str, int]) -> None:
    with store.read() as connection:
        restored = dumps.rows(connection)
    unlike = {table: count for table, count in expected.items() if restored.get(table) != count}
    differing = [f"{table} has {restored.get(table, 0):,} rows instead of {count:,}" for table, count in unlike.items()]
    if differing:
        raise refused(f"The restored database is not the one of the backup: {'; '.join(differing)}")
