"""Shared parts of command lines built on Typer: exit codes, the version option, examples, number parsers.

Help and usage errors are plain text: Typer's Rich formatting would cost every `--help` a tenth of a second of imports. Modules of commands
have no `from __future__ import annotations`: Typer would compile and evaluate every annotation twice.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

REFUSED = 2  # the exit code for usage errors and unusable input


def program() -> typer.Typer:
    """An application without commands, with `--help`, `-h` and shell completion."""
    return typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, context_settings={"help_option_names": ["--help", "-h"]})


def group(help_: str) -> typer.Typer:
    """A command that only has subcommands."""
    return typer.Typer(help=help_, rich_markup_mode=None)


def run(app: typer.Typer, name: str, arguments: Sequence[str] | None) -> int:
    """Run a program with these arguments (default: the process's own) and return its exit code."""
    try:
        app(arguments, prog_name=name)
    except SystemExit as ended:
        if isinstance(ended.code, int):
            return ended.code
        raise
    return 0


def refuse(sentence: object) -> int:
    """Print why a command cannot be carried out. Returns the exit code."""
    print(sentence, file=sys.stderr)  # noqa: T201 - a command line prints
    return REFUSED


def examples(*lines: str) -> str:
    """The end of a command's help: example commands."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def version_printer(name: str) -> Callable[[bool], None]:
    """A callback for `--version`: prints the version of the distribution that installed this program, and exits."""

    def print_version(is_requested: bool) -> None:  # noqa: FBT001 - Typer's protocol
        if not is_requested:
            return
        from importlib.metadata import entry_points  # noqa: PLC0415 - 25 ms that no other command needs

        (entry_point,) = entry_points(group="console_scripts", name=name)
        print(name, entry_point.dist.version if entry_point.dist else "unknown")  # noqa: T201 - a command line prints
        raise typer.Exit

    return print_version


def whole_number(minimum: int, maximum: int) -> Callable[[str | int], int]:
    """A parser for numbers in a range, both ends included. Typer passes the option's default through it, too."""

    def parse(value: str | int) -> int:
        text = str(value)
        if not (text.isdecimal() and minimum <= int(text) <= maximum):
            raise typer.BadParameter(f"{text!r} is not a whole number from {minimum} to {maximum}.")
        return int(text)

    return parse


port_number = whole_number(0, 65_535)
SpecArgument = Annotated[Path | None, typer.Argument(metavar="[SPEC]", help="The document.", show_default="the project's document")]
SpecOption = Annotated[Path | None, typer.Option("--spec", metavar="SPEC", help="The document.", show_default="the project's document")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
