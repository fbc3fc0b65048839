"""The error that the toolkit raises for input that it cannot use. The command line prints the message and exits with 2."""

from __future__ import annotations


class ContractError(Exception):
    """A document, setting or argument that cannot be used. The message is one sentence, after file:line:column if there is one."""
