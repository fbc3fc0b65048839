"""Which parts of a message each recipient gets a version of: none of transactional mail, links of marketing, all of a campaign."""

from __future__ import annotations

from misarmail_server.delivery.message import marketing, template
from misarmail_server.delivery.message.compiled_message import CompiledMessage, MessageContent
from misarmail_server.delivery.message.headers import Unsendable
from misarmail_server.delivery.message.recipient_urls import RecipientUrls
from misarmail_server.delivery.message.stored_message import StoredMessage
from misarmail_server.delivery.message.template_tokens import TemplateError


def compile_message(message: StoredMessage, tracking: RecipientUrls) -> CompiledMessage:
    """Compile a message. Raises Unsendable when no correct mail can be made of it."""
    if message.campaign_id is not None:
        return CompiledMessage(message, _campaign_content(message), tracking)
    if message.stream == "marketing":
        return CompiledMessage(message, _content(message, template.literal(message.subject), is_template=False), tracking)
    return CompiledMessage(message)


def _campaign_content(message: StoredMessage) -> MessageContent:
    """A campaign's subject and bodies, whose tags are filled for each recipient."""
    try:
        return _content(message, template.compile_template(message.subject), is_template=True)
    except TemplateError as error:
        raise Unsendable(f"The campaign's text cannot be read as a template: {error}") from error


def _content(message: StoredMessage, subject: template.CompiledTemplate[str], *, is_template: bool) -> MessageContent:
    bodies = marketing.bodies(message.html, message.text, is_template=is_template, urls=message.links)
    return MessageContent(subject, bodies.html, bodies.text, message.links, bodies.warning)
