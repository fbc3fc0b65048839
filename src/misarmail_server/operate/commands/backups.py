"""`misarmail backup` and `misarmail restore`."""

from pathlib import Path
from typing import Annotated

import typer

from contract import command_options
from misarmail_server.operate.options import ConfigOption, regular_file

BACKUP_EXAMPLES = command_options.examples("misarmail backup /backups/monday.tar")
RESTORE_EXAMPLES = command_options.examples("MISARMAIL_STATE=/srv/mail misarmail restore /backups/monday.tar")


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The archive to write. It must not exist.")], *, config: ConfigOption = None
) -> None:
    """Write the database, the key and the journals to an archive, while the platform runs.

    The archive holds everything that is secret: keep it as the key itself.
    """
    from misarmail_server import settings
    from misarmail_server.operate import backup

    settings.use_file(config)
    manifest = backup.save(settings.load(), file)
    print(f"{file}: {sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables, checked")
    if not manifest.has_key:
        print("The key is not in it, because MISARMAIL_SECRET sets it: keep it elsewhere")


def restore(
    file: Annotated[Path, typer.Argument(parser=regular_file, metavar="FILE", help="The archive.")], *, config: ConfigOption = None
) -> None:
    """Restore an archive into an empty database and state folder.

    Delivery stays suspended until `misarmail queue resume`: mail that waited when the backup was made may have left since.
    """
    from misarmail_server import settings
    from misarmail_server.operate import backup

    settings.use_file(config)
    manifest = backup.restore(settings.load(), file)
    print(f"Restored {sum(manifest.rows.values()):,} rows of {len(manifest.rows)} tables")
    print("Delivery is suspended. Look at `misarmail queue status`, then run `misarmail queue resume`")
