"""Templates: stored with their merge tags, rendered with values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import UNSET, UnsetType
from sqlalchemy import Select, insert, or_, select

from misarmail_contract import models
from misarmail_server.context import Context, apply, at
from misarmail_server.db import tables
from misarmail_server.delivery.message.template import CompiledTemplate, RenderLimitExceeded, check, compile_template
from misarmail_server.delivery.message.template_tokens import TemplateError, names
from misarmail_server.errors import Invalid
from misarmail_server.services import plans, template_warnings

RENDERED_LIMIT = 1_000_000  # characters of a body
SUBJECT_LIMIT = 998  # RFC 5322, section 2.1.1
Content = models.TemplateCreate | models.TemplateUpdate | models.CampaignCreate | models.CampaignUpdate | models.AbTestVariantCreate


class Rendered(NamedTuple):
    """A template with its merge tags filled."""

    subject: str
    body_html: str
    body_text: str | None
    warnings: list[str] | UnsetType = UNSET


def create(ctx: Context, new: models.TemplateCreate) -> models.CreatedTemplate:
    """Store a template. Raises Invalid for invalid merge tags, Forbidden("plan_limit_exceeded")."""
    require_compiled(new)
    plans.require_room(ctx, "templates")
    id_, category, created_at = ctx.new_id("tpl"), new.category or None, ctx.now()
    row = {
        "id": id_,
        "account_id": ctx.account_id,
        "name": new.name,
        "subject": new.subject,
        "body_html": new.body_html,
        "body_text": new.body_text or None,
        "category": category,
        "created_at": created_at,
        "updated_at": created_at,
    }
    ctx.connection.execute(insert(tables.Template).values(row))
    return models.CreatedTemplate(
        id=id_,
        name=new.name,
        subject=new.subject,
        category=category,
        created_at=at(created_at),
        warnings=template_warnings.of_texts(ctx, (new.subject, new.body_html, new.body_text or "")),
    )


def page(ctx: Context, parameters: models.ListTemplatesParameters) -> tuple[list[models.TemplateSummary], int]:
    """(one page, the total), newest first."""
    template = tables.Template
    query = _matching(ctx, parameters)
    rows, total = ctx.page(query.order_by(template.created_at.desc(), template.id.desc()), parameters.page, parameters.limit)
    return [_to_summary(row) for row in rows], total


def get(ctx: Context, id_: str) -> models.Template:
    """One template. Raises NotFound."""
    return _to_model(ctx, ctx.get(tables.Template, id_, "template"))


def update(ctx: Context, id_: str, change: models.TemplateUpdate) -> models.Template:
    """Change the given fields and return the whole template. Raises NotFound, and Invalid for invalid merge tags."""
    require_compiled(change)
    row = ctx.lock(tables.Template, id_, "template")
    apply(change, row)
    row.updated_at = ctx.now()
    ctx.db.flush()
    return _to_model(ctx, row)


def delete_(ctx: Context, id_: str) -> None:
    """Delete a template. Raises NotFound."""
    ctx.remove(tables.Template, id_, "template")


def render(ctx: Context, id_: str, values: Mapping[str, Any], field: str) -> Rendered:
    """Fill a template's merge tags. Values are escaped in HTML. Raises NotFound, and Invalid on `field` if the result is too large."""
    row = ctx.get(tables.Template, id_, "template")
    subject, html = compiled(row.subject, field), compiled(row.body_html, field)
    text = None if row.body_text is None else compiled(row.body_text, field)
    try:
        rendered = Rendered(
            subject=subject.render(values, escape=False, limit=SUBJECT_LIMIT),
            body_html=html.render(values, escape=True, limit=RENDERED_LIMIT),
            body_text=None if text is None else text.render(values, escape=False, limit=RENDERED_LIMIT),
            warnings=template_warnings.of_rendering((row.subject, row.body_html, row.body_text or ""), values),
        )
    except RenderLimitExceeded:
        raise Invalid(
            field, f"Renders to a subject of more than {SUBJECT_LIMIT} or a body of more than {RENDERED_LIMIT:,} characters"
        ) from None
    _require_one_line(rendered.subject, field)
    return rendered


def render_subject(source: str, values: Mapping[str, Any]) -> str:
    """Fill the merge tags of a subject that replaces a template's. Raises Invalid if they are invalid or the result is too long."""
    subject = _filled(source, values, "subject", escape=False, limit=SUBJECT_LIMIT)
    _require_one_line(subject, "variables")
    return subject


def render_body(source: str, values: Mapping[str, Any], field: str, *, escape: bool) -> str:
    """Fill the merge tags of a body that replaces a template's. Raises Invalid on `field` as `render_subject`."""
    return _filled(source, values, field, escape=escape, limit=RENDERED_LIMIT)


def compiled(source: str, field: str) -> CompiledTemplate[str]:
    """Compile the merge tags of a stored text. Raises Invalid on `field` if a section is not closed."""
    try:
        return compile_template(source)
    except TemplateError as error:
        raise Invalid(field, str(error)) from None


def require_compiled(content: Content, within: str | None = None, position: str = "") -> None:
    """Refuse invalid merge tags. Raises Invalid on the part's field, or on `within`, naming the `position` in it."""
    for part in ("subject", "body_html", "body_text"):
        require_well_formed(getattr(content, part) or "", within or part, f"{position}.{part}: " if within else "")


def require_well_formed(source: str, field: str, prefix: str = "") -> None:
    """Refuse malformed merge tags of a text to be stored. Raises Invalid on `field`; `prefix` begins the message."""
    try:
        check(source)
    except TemplateError as error:
        raise Invalid(field, f"{prefix}{error}") from None


def exists(ctx: Context, id_: str) -> bool:
    """Whether the account has a template with that id."""
    query = select(tables.Template.id).where(tables.Template.account_id == ctx.account_id, tables.Template.id == id_)
    return ctx.connection.scalar(query) is not None


def require(ctx: Context, id_: str, field: str) -> None:
    """Refuse a template that does not belong to this account. Raises Invalid on `field`."""
    if not exists(ctx, id_):
        raise Invalid(field, f"There is no template {id_}")


def _require_one_line(subject: str, field: str) -> None:
    """Values may hold line breaks, but not where they enter a header field."""
    if "\r" in subject or "\n" in subject:
        raise Invalid(field, "A value of the subject must be on one line")


def _filled(source: str, values: Mapping[str, Any], field: str, *, escape: bool, limit: int) -> str:
    try:
        return compiled(source, field).render(values, escape=escape, limit=limit)
    except RenderLimitExceeded:
        raise Invalid(field, f"Renders to more than {limit:,} characters") from None


def _matching(ctx: Context, parameters: models.ListTemplatesParameters) -> Select[Any]:
    template = tables.Template
    summary: tuple[Any, ...] = (template.id, template.name, template.subject, template.category, template.created_at, template.updated_at)
    query: Select[Any] = select(*summary).where(template.account_id == ctx.account_id)
    if parameters.category is not UNSET:
        query = query.where(template.category == parameters.category)
    for word in parameters.search.split() if parameters.search is not UNSET else ():
        query = query.where(or_(template.name.icontains(word, autoescape=True), template.subject.icontains(word, autoescape=True)))
    return query


def _to_summary(row: Any) -> models.TemplateSummary:
    return models.TemplateSummary(
        id=row.id,
        name=row.name,
        subject=row.subject,
        category=row.category,
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
    )


def _to_model(ctx: Context, row: tables.Template) -> models.Template:
    sources = (row.subject, row.body_html, row.body_text or "")
    tags = dict.fromkeys(name for source in sources for name in names(source))
    return models.Template(
        id=row.id,
        name=row.name,
        subject=row.subject,
        body_html=row.body_html,
        body_text=row.body_text,
        category=row.category,
        variables=list(tags),
        created_at=at(row.created_at),
        updated_at=at(row.updated_at),
        warnings=template_warnings.of_texts(ctx, sources),
    )
