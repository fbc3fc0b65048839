"""What each resource's handlers must look like, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from contract.runtime.binding import Signature
from misarmail_contract import models
from misarmail_server.context import Context


class Send(Protocol):
    """Handlers of `send`."""

    def send_email(self, ctx: Context, body: models.Send, parameters: models.SendEmailParameters) -> models.SendAnswer | models.SendQueued:
        """Send an e-mail."""


class Messages(Protocol):
    """Handlers of `messages`."""

    def get_message(self, ctx: Context, message_id: str) -> models.MessageAnswer:
        """Get a message."""


class Templates(Protocol):
    """Handlers of `templates`."""

    def list_templates(self, ctx: Context, parameters: models.ListTemplatesParameters) -> models.TemplatePage:
        """List templates."""

    def create_template(self, ctx: Context, body: models.TemplateCreate) -> models.TemplateCreatedAnswer:
        """Create a template."""

    def render_template(self, ctx: Context, body: models.TemplateRender) -> models.TemplateRendered:
        """Preview a template."""

    def get_template(self, ctx: Context, template_id: str) -> models.TemplateAnswer:
        """Get a template."""

    def delete_template(self, ctx: Context, template_id: str) -> models.TemplateDeleted:
        """Delete a template."""

    def update_template(self, ctx: Context, template_id: str, body: models.TemplateUpdate) -> models.TemplateAnswer:
        """Change a template."""


class Contacts(Protocol):
    """Handlers of `contacts`."""

    def list_contacts(self, ctx: Context, parameters: models.ListContactsParameters) -> models.ContactPage:
        """List contacts."""

    def create_contact(self, ctx: Context, body: models.ContactCreate) -> models.ContactHolder:
        """Add a contact."""

    def delete_contact_by_query(self, ctx: Context, parameters: models.DeleteContactByQueryParameters) -> models.ContactDeleted:
        """Delete a contact named in the query."""

    def update_contact_by_email(self, ctx: Context, body: models.ContactUpdateByEmail) -> models.ContactHolder:
        """Change a contact by its address."""

    def import_contacts(
        self,
        ctx: Context,
        body: models.ContactImport | bytes,
        parameters: models.ImportContactsParameters,
    ) -> models.ContactImported:
        """Import contacts."""

    def export_contacts(self, ctx: Context, parameters: models.ExportContactsParameters) -> bytes | Iterator[bytes]:
        """Export contacts."""

    def get_contact(self, ctx: Context, contact_id: str) -> models.ContactHolder:
        """Get a contact."""

    def delete_contact(self, ctx: Context, contact_id: str) -> models.ContactDeleted:
        """Delete a contact."""

    def update_contact(self, ctx: Context, contact_id: str, body: models.ContactUpdate) -> models.ContactHolder:
        """Change a contact."""

    def list_contact_activity(
        self,
        ctx: Context,
        contact_id: str,
        parameters: models.ListContactActivityParameters,
    ) -> models.ContactActivityPage:
        """See what happened to a contact."""


class Segments(Protocol):
    """Handlers of `segments`."""

    def list_segments(self, ctx: Context, parameters: models.ListSegmentsParameters) -> models.SegmentPage:
        """List segments."""

    def create_segment(self, ctx: Context, body: models.SegmentCreate) -> models.SegmentHolder:
        """Create a segment."""

    def get_segment(self, ctx: Context, segment_id: str) -> models.SegmentHolder:
        """Get a segment."""

    def delete_segment(self, ctx: Context, segment_id: str) -> models.SegmentDeleted:
        """Delete a segment."""

    def update_segment(self, ctx: Context, segment_id: str, body: models.SegmentUpdate) -> models.SegmentHolder:
        """Change a segment."""

    def preview_segment(self, ctx: Context, segment_id: str) -> models.SegmentPreview:
        """Preview a segment."""

    def refresh_segment(self, ctx: Context, segment_id: str) -> models.SegmentHolder:
        """Count a segment anew."""

    def list_segment_members(self, ctx: Context, segment_id: str, parameters: models.ListSegmentMembersParameters) -> models.SegmentMembers:
        """List a segment's contacts."""


class Sandbox(Protocol):
    """Handlers of `sandbox`."""

    def list_sandbox_sends(self, ctx: Context, parameters: models.ListSandboxSendsParameters) -> models.SandboxPage:
        """List captured mail."""

    def clear_sandbox(self, ctx: Context) -> models.SandboxDeleted:
        """Clear the sandbox inbox."""

    def send_to_sandbox(self, ctx: Context, body: models.Send, parameters: models.SendToSandboxParameters) -> models.SendAnswer:
        """Capture an e-mail."""

    def get_sandbox_send(self, ctx: Context, send_id: str) -> models.SandboxSendAnswer:
        """Get a captured mail."""

    def delete_sandbox_send(self, ctx: Context, send_id: str) -> models.SandboxDeleted:
        """Delete a captured mail."""


class Keys(Protocol):
    """Handlers of `keys`."""

    def list_keys(self, ctx: Context) -> models.KeyList:
        """List API keys."""

    def create_key(self, ctx: Context, body: models.KeyCreate) -> models.KeyCreated:
        """Create an API key."""

    def delete_key_by_query(self, ctx: Context, parameters: models.DeleteKeyByQueryParameters) -> models.KeyDeleted:
        """Revoke an API key named in the query."""

    def get_key(self, ctx: Context, key_id: str) -> models.KeyAnswer:
        """Get an API key."""

    def delete_key(self, ctx: Context, key_id: str) -> models.KeyDeleted:
        """Revoke an API key."""


class Health(Protocol):
    """Handlers of `health`."""

    def get_health(self, ctx: Context) -> models.HealthAnswer:
        """Ask whether the process answers."""

    def get_readiness(self, ctx: Context) -> models.ReadyAnswer:
        """Ask whether the server can take work."""


SIGNATURES: dict[str, Signature] = {
    "send_email": Signature(
        "send", body=models.Send, parameters=models.SendEmailParameters, answers={models.SendAnswer: 200, models.SendQueued: 202}
    ),
    "get_message": Signature("messages", path=("message_id",)),
    "list_templates": Signature("templates", parameters=models.ListTemplatesParameters),
    "create_template": Signature("templates", body=models.TemplateCreate),
    "render_template": Signature("templates", body=models.TemplateRender),
    "get_template": Signature("templates", path=("template_id",)),
    "delete_template": Signature("templates", path=("template_id",)),
    "update_template": Signature("templates", path=("template_id",), body=models.TemplateUpdate),
    "list_contacts": Signature("contacts", parameters=models.ListContactsParameters),
    "create_contact": Signature("contacts", body=models.ContactCreate),
    "delete_contact_by_query": Signature("contacts", parameters=models.DeleteContactByQueryParameters),
    "update_contact_by_email": Signature("contacts", body=models.ContactUpdateByEmail),
    "import_contacts": Signature("contacts", body=models.ContactImport, parameters=models.ImportContactsParameters),
    "export_contacts": Signature("contacts", parameters=models.ExportContactsParameters),
    "get_contact": Signature("contacts", path=("contact_id",)),
    "delete_contact": Signature("contacts", path=("contact_id",)),
    "update_contact": Signature("contacts", path=("contact_id",), body=models.ContactUpdate),
    "list_contact_activity": Signature("contacts", path=("contact_id",), parameters=models.ListContactActivityParameters),
    "list_segments": Signature("segments", parameters=models.ListSegmentsParameters),
    "create_segment": Signature("segments", body=models.SegmentCreate),
    "get_segment": Signature("segments", path=("segment_id",)),
    "delete_segment": Signature("segments", path=("segment_id",)),
    "update_segment": Signature("segments", path=("segment_id",), body=models.SegmentUpdate),
    "preview_segment": Signature("segments", path=("segment_id",)),
    "refresh_segment": Signature("segments", path=("segment_id",)),
    "list_segment_members": Signature("segments", path=("segment_id",), parameters=models.ListSegmentMembersParameters),
    "list_sandbox_sends": Signature("sandbox", parameters=models.ListSandboxSendsParameters),
    "clear_sandbox": Signature("sandbox"),
    "send_to_sandbox": Signature("sandbox", body=models.Send, parameters=models.SendToSandboxParameters),
    "get_sandbox_send": Signature("sandbox", path=("send_id",)),
    "delete_sandbox_send": Signature("sandbox", path=("send_id",)),
    "list_keys": Signature("keys"),
    "create_key": Signature("keys", body=models.KeyCreate),
    "delete_key_by_query": Signature("keys", parameters=models.DeleteKeyByQueryParameters),
    "get_key": Signature("keys", path=("key_id",)),
    "delete_key": Signature("keys", path=("key_id",)),
    "get_health": Signature("health"),
    "get_readiness": Signature("health"),
}
