"""The deprecated pagination object of lists."""

from __future__ import annotations

from misarmail_contract import models


def pagination(page: int, limit: int, total: int) -> models.Pagination:
    """The position of a page among all pages."""
    return models.Pagination(page=page, limit=limit, total=total, total_pages=-(-total // limit))
