"""Templates over HTTP. Contract: openapi/paths/templates.yaml."""

from __future__ import annotations

from msgspec import UNSET

from misarmail_contract import models
from misarmail_server.context import Context
from misarmail_server.services import templates


def list_templates(ctx: Context, parameters: models.ListTemplatesParameters) -> models.TemplateList:
    """List templates."""
    items, total = templates.page(ctx, parameters)
    return models.TemplateList(templates=items, total=total, page=parameters.page, limit=parameters.limit)


def create_template(ctx: Context, body: models.TemplateCreate) -> models.TemplateCreateResponse:
    """Create a template."""
    return models.TemplateCreateResponse(template=templates.create(ctx, body))


def render_template(ctx: Context, body: models.TemplateRender) -> models.TemplateRenderResponse:
    """Render a template."""
    values = {} if body.contact is UNSET else body.contact
    rendered = templates.render(ctx, body.template_id, values, "contact")
    return models.TemplateRenderResponse(
        subject=rendered.subject, body_html=rendered.body_html, body_text=rendered.body_text, warnings=rendered.warnings
    )


def get_template(ctx: Context, template_id: str) -> models.TemplateResponse:
    """Get a template."""
    return models.TemplateResponse(template=templates.get(ctx, template_id))


def delete_template(ctx: Context, template_id: str) -> models.TemplateDeleted:
    """Delete a template."""
    templates.delete_(ctx, template_id)
    return models.TemplateDeleted(id=template_id)


def update_template(ctx: Context, template_id: str, body: models.TemplateUpdate) -> models.TemplateResponse:
    """Update a template."""
    return models.TemplateResponse(template=templates.update(ctx, template_id, body))
