"""`misarmail migrate` and `misarmail doctor`."""

import typer

from contract import command_options, terminal
from contract.command_options import JsonOption

MIGRATE_EXAMPLES = command_options.examples("misarmail migrate")
DOCTOR_EXAMPLES = command_options.examples("misarmail doctor", "misarmail doctor --json")


def migrate() -> None:
    """Upgrade the database to this version."""
    from misarmail_server import settings
    from misarmail_server.operate import database

    changed = database.upgrade(settings.load())
    print("The database was upgraded to this version" if changed else "The database is at this version")


def doctor(*, as_json: JsonOption = False) -> None:
    """Check everything that mail delivery depends on. Exits with 1 if a check fails."""
    from misarmail_server import settings
    from misarmail_server.operate.doctor import examine

    findings = []
    for finding in examine(settings.load()):
        findings.append(finding)
        if not as_json:
            label = "ok " if finding.has_passed else "BAD"
            terminal.print_highlighted(f"{label}  {finding.check:10}  {finding.message}\n", "^(?:(?P<green>ok)|(?P<red>BAD)) ")
    if as_json:
        terminal.print_json([{"check": finding.check, "ok": finding.has_passed, "message": finding.message} for finding in findings])
    if not all(finding.has_passed for finding in findings):
        raise typer.Exit(code=1)
