"""Segments over HTTP. Contract: openapi/paths/segments.yaml."""

from __future__ import annotations

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import segments
from misarmail_server.services.pagination import pagination


def list_segments(ctx: Context, parameters: models.ListSegmentsParameters) -> models.SegmentList:
    """List segments."""
    page, limit = parameters.page, parameters.limit
    items, total = segments.page(ctx, page, limit)
    data = models.SegmentListContent(segments=items, pagination=pagination(page, limit, total))
    return models.SegmentList(data=data, total=total, page=page, limit=limit)


def create_segment(ctx: Context, body: models.SegmentCreate) -> models.SegmentResponse:
    """Create a segment."""
    return models.SegmentResponse(segment=segments.create(ctx, body))


def get_segment(ctx: Context, segment_id: str) -> models.SegmentResponse:
    """Get a segment."""
    return models.SegmentResponse(segment=segments.get(ctx, segment_id))


def delete_segment(ctx: Context, segment_id: str) -> models.SegmentDeleted:
    """Delete a segment."""
    segments.delete_(ctx, segment_id)
    return models.SegmentDeleted(id=segment_id)


def update_segment(ctx: Context, segment_id: str, body: models.SegmentUpdate) -> models.SegmentResponse:
    """Update a segment."""
    return models.SegmentResponse(segment=segments.update(ctx, segment_id, body))


def preview_segment(ctx: Context, segment_id: str, parameters: models.PreviewSegmentParameters) -> models.SegmentPreviewResponse:
    """Preview a segment."""
    sample, counted = segments.preview(ctx, segment_id)
    effects = segments.effects(ctx, segment_id) if parameters.explain else UNSET
    count, is_exact = segments.up_to_limit(counted)
    return models.SegmentPreviewResponse(segment_id=segment_id, count=count, is_count_exact=is_exact, contacts=sample, rules=effects)


def refresh_segment(ctx: Context, segment_id: str) -> models.SegmentResponse:
    """Recount a segment."""
    return models.SegmentResponse(segment=segments.refresh(ctx, segment_id))


def list_segment_members(ctx: Context, segment_id: str, parameters: models.ListSegmentMembersParameters) -> models.SegmentMemberList:
    """List the contacts of a segment."""
    page, limit = parameters.page, parameters.limit
    ids, total = segments.members(ctx, segment_id, page, limit)
    data = models.SegmentMemberIds(segment_id=segment_id, contact_ids=ids)
    return models.SegmentMemberList(data=data, total=total, page=page, limit=limit, pagination=pagination(page, limit, total))
