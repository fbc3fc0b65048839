"""Topics over HTTP. Contract: openapi/paths/topics.yaml."""

from __future__ import annotations

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import topics


def list_topics(ctx: Context, parameters: models.ListTopicsParameters) -> models.TopicList:
    """List topics."""
    items, total = topics.page(ctx, parameters.page, parameters.limit)
    return models.TopicList(topics=items, total=total, page=parameters.page, limit=parameters.limit)


def create_topic(ctx: Context, body: models.TopicCreate) -> models.TopicResponse:
    """Create a topic."""
    return models.TopicResponse(topic=topics.create(ctx, body))


def get_topic(ctx: Context, topic_id: str) -> models.TopicResponse:
    """Get a topic."""
    return models.TopicResponse(topic=topics.get(ctx, topic_id))


def update_topic(ctx: Context, topic_id: str, body: models.TopicUpdate) -> models.TopicResponse:
    """Update a topic."""
    return models.TopicResponse(topic=topics.update(ctx, topic_id, body))


def delete_topic(ctx: Context, topic_id: str) -> models.TopicDeleted:
    """Delete a topic."""
    topics.delete(ctx, topic_id)
    return models.TopicDeleted(id=topic_id)


def get_contact_topics(ctx: Context, contact_id: str) -> models.ContactTopicsResponse:
    """Get the topics of a contact."""
    return models.ContactTopicsResponse(topics=topics.of_contact(ctx, contact_id))


def update_contact_topics(ctx: Context, contact_id: str, body: models.ContactTopicsUpdate) -> models.ContactTopicsResponse:
    """Subscribe a contact to topics."""
    return models.ContactTopicsResponse(topics=topics.choose(ctx, contact_id, body.topics))
