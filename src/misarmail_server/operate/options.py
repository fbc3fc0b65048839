"""Options and arguments that several commands share, and the parsers that refuse what they cannot hold."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer


def email_address(text: str) -> str:
    """An address. Only its form is judged here."""
    local, _, domain = text.rpartition("@")
    if not local or not domain or any(character.isspace() for character in text):
        raise typer.BadParameter(f"{text!r} is not an e-mail address.")
    return text


def sender_address(text: str) -> str:
    """An address, or a whole domain written @example.com."""
    email_address(f"any{text}" if text.startswith("@") else text)
    return text


def ip_address(text: str) -> str:
    """An IPv4 or IPv6 address in its canonical form."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not an IP address.") from None


def regular_file(text: str) -> Path:
    """A file that can be read more than once."""
    path = Path(text)
    if not path.is_file():
        raise typer.BadParameter(f"{text!r} is not a file.")
    return path


AccountOption = Annotated[str | None, typer.Option("--account", metavar="EMAIL", help="The account.", show_default="the first account")]
ConfigOption = Annotated[
    str | None,
    typer.Option("--config", metavar="FILE", help="The configuration file.", show_default="misarmail.toml in the state folder"),
]
EmailArgument = Annotated[str, typer.Argument(parser=email_address, metavar="EMAIL", help="The address of the account.")]
