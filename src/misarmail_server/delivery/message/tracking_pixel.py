"""The pixel at the end of a tracked page, whose request counts as an open."""

from __future__ import annotations

from misarmail_server.delivery.message.html_page.link_rewriting import MARK

OPEN_SLOT = "open"
PIXEL = f'<img src="{MARK.format(OPEN_SLOT)}" width="1" height="1" alt="" style="border:0">'
