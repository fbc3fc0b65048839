"""Progress of a campaign, as one response or as a live stream."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from misarmail_contract import models
from misarmail_server.context import SECOND, Context, DetachedContext, now
from misarmail_server.db import tables
from misarmail_server.errors import NotFound
from misarmail_server.services import campaign_totals
from misarmail_server.services.campaign_states import RESTING
from misarmail_server.services.polled_stream import PolledStream, StreamChunk

POLL_SECONDS = 1.0
KEEP_ALIVE = b": still here\n\n"
DONE = b"data: [DONE]\n\n"


def get(ctx: Context, id_: str) -> models.CampaignProgress:
    """State and totals of a campaign. Raises NotFound."""
    return campaign_totals.progress(ctx, ctx.get(tables.Campaign, id_, "campaign"))


def follow(ctx: Context, id_: str) -> Iterator[bytes]:
    """Frames of server-sent events, produced while the response is streamed, each from a separate snapshot. Raises NotFound at once."""
    get(ctx, id_)
    return PolledStream(_Frames(ctx.detached(), id_).read, POLL_SECONDS)


class _Frames:
    """Each poll gives a frame, so that proxies keep the connection and a disconnected client is noticed."""

    def __init__(self, ctx: DetachedContext, id_: str) -> None:
        self._ctx = ctx
        self._id = id_
        self._ends_at = now() + int(ctx.settings.stream_seconds * SECOND)
        self._previous: models.CampaignProgress | None = None

    def read(self) -> StreamChunk:
        """The progress now, if it changed; the last frame is followed by the end of the stream."""
        progress = _read_progress(self._ctx, self._id)
        if progress is None:
            return StreamChunk(DONE, is_last=True)
        frame = KEEP_ALIVE if progress == self._previous else b"data: %b\n\n" % msgspec.json.encode(progress)
        self._previous = progress
        is_last = progress.status in RESTING or now() >= self._ends_at
        return StreamChunk(frame + DONE if is_last else frame, is_last)


def _read_progress(ctx: DetachedContext, id_: str) -> models.CampaignProgress | None:
    """The current progress; None if the campaign was deleted meanwhile."""
    try:
        with ctx.reading() as unit:
            return get(unit, id_)
    except NotFound:
        return None
