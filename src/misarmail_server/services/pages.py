"""What every page says of itself."""

from __future__ import annotations

from misarmail_contract import models


def pagination(number: int, limit: int, total: int) -> models.Pagination:
    """Where a page stands."""
    return models.Pagination(page=number, limit=limit, total=total, total_pages=-(-total // limit))
