"""What the toolkit raises for input it cannot use; the command line prints the sentence and exits with 2."""

from __future__ import annotations


class ContractError(Exception):
    """A document, setting or argument that cannot be used. The message is one sentence, led by file:line:column where there is one."""
