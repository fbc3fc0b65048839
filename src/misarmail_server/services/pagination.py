"""The envelope of a page, where the contract has it as an object."""

from __future__ import annotations

from misarmail_contract import models


def pagination(page: int, limit: int, total: int) -> models.Pagination:
    """Where a page stands among all."""
    return models.Pagination(page=page, limit=limit, total=total, total_pages=-(-total // limit))
