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


class Campaigns(Protocol):
    """Handlers of `campaigns`."""

    def list_campaigns(self, ctx: Context, parameters: models.ListCampaignsParameters) -> models.CampaignPage:
        """List campaigns."""

    def create_campaign(self, ctx: Context, body: models.CampaignCreate) -> models.CampaignCreated:
        """Create a campaign."""

    def get_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignAnswer:
        """Get a campaign."""

    def delete_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignDeleted:
        """Delete a campaign."""

    def update_campaign(self, ctx: Context, campaign_id: str, body: models.CampaignUpdate) -> models.CampaignChanged:
        """Change a campaign."""

    def send_campaign(
        self,
        ctx: Context,
        campaign_id: str,
        body: models.CampaignSend,
        parameters: models.SendCampaignParameters,
    ) -> models.CampaignAccepted:
        """Send a campaign."""

    def schedule_campaign(self, ctx: Context, campaign_id: str, body: models.CampaignSchedule) -> models.CampaignChanged:
        """Schedule a campaign."""

    def pause_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignChanged:
        """Pause a campaign."""

    def resume_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignChanged:
        """Resume a campaign."""

    def cancel_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignChanged:
        """Cancel a campaign."""

    def test_campaign(self, ctx: Context, campaign_id: str, body: models.CampaignTest) -> models.CampaignTested:
        """Send a test of a campaign."""

    def get_campaign_progress(self, ctx: Context, campaign_id: str) -> models.CampaignProgressAnswer:
        """See how far a campaign is."""

    def stream_campaign(self, ctx: Context, campaign_id: str) -> bytes | Iterator[bytes]:
        """Follow a campaign live."""


class Automations(Protocol):
    """Handlers of `automations`."""

    def list_automations(self, ctx: Context, parameters: models.ListAutomationsParameters) -> models.AutomationPage:
        """List automations."""

    def create_automation(self, ctx: Context, body: models.AutomationCreate) -> models.AutomationCreated:
        """Create an automation."""

    def get_automation(self, ctx: Context, automation_id: str) -> models.AutomationAnswer:
        """Get an automation."""

    def delete_automation(self, ctx: Context, automation_id: str) -> models.AutomationDeleted:
        """Delete an automation."""

    def update_automation(self, ctx: Context, automation_id: str, body: models.AutomationUpdate) -> models.AutomationChanged:
        """Change an automation."""

    def activate_automation(self, ctx: Context, automation_id: str, body: models.AutomationActivate) -> models.AutomationChanged:
        """Activate or pause an automation."""

    def toggle_automation(self, ctx: Context, automation_id: str, body: models.AutomationActivate) -> models.AutomationChanged:
        """Activate or pause an automation."""

    def list_automation_enrollments(
        self,
        ctx: Context,
        automation_id: str,
        parameters: models.ListAutomationEnrollmentsParameters,
    ) -> models.EnrollmentPage:
        """List who is enrolled."""


class AbTests(Protocol):
    """Handlers of `ab_tests`."""

    def list_ab_tests(self, ctx: Context, parameters: models.ListAbTestsParameters) -> models.AbTestPage:
        """List A/B tests."""

    def create_ab_test(self, ctx: Context, body: models.AbTestCreate) -> models.AbTestCreated:
        """Create an A/B test."""

    def get_ab_test(self, ctx: Context, ab_test_id: str) -> models.AbTestAnswer:
        """Get an A/B test."""

    def start_ab_test(self, ctx: Context, ab_test_id: str) -> models.AbTestChanged:
        """Start an A/B test."""

    def choose_winner(self, ctx: Context, ab_test_id: str, body: models.AbTestWinner) -> models.AbTestChanged:
        """Choose the winner of an A/B test."""


class Channels(Protocol):
    """Handlers of `channels`."""

    def send_whatsapp(self, ctx: Context, body: models.WhatsappSend, parameters: models.SendWhatsappParameters) -> models.WhatsappAnswer:
        """Send a WhatsApp message."""

    def send_push(self, ctx: Context, body: models.PushSend, parameters: models.SendPushParameters) -> models.PushAnswer:
        """Send a push notification."""


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
    "list_campaigns": Signature("campaigns", parameters=models.ListCampaignsParameters),
    "create_campaign": Signature("campaigns", body=models.CampaignCreate),
    "get_campaign": Signature("campaigns", path=("campaign_id",)),
    "delete_campaign": Signature("campaigns", path=("campaign_id",)),
    "update_campaign": Signature("campaigns", path=("campaign_id",), body=models.CampaignUpdate),
    "send_campaign": Signature(
        "campaigns", path=("campaign_id",), body=models.CampaignSend, parameters=models.SendCampaignParameters, status=202
    ),
    "schedule_campaign": Signature("campaigns", path=("campaign_id",), body=models.CampaignSchedule),
    "pause_campaign": Signature("campaigns", path=("campaign_id",)),
    "resume_campaign": Signature("campaigns", path=("campaign_id",)),
    "cancel_campaign": Signature("campaigns", path=("campaign_id",)),
    "test_campaign": Signature("campaigns", path=("campaign_id",), body=models.CampaignTest),
    "get_campaign_progress": Signature("campaigns", path=("campaign_id",)),
    "stream_campaign": Signature("campaigns", path=("campaign_id",)),
    "list_automations": Signature("automations", parameters=models.ListAutomationsParameters),
    "create_automation": Signature("automations", body=models.AutomationCreate),
    "get_automation": Signature("automations", path=("automation_id",)),
    "delete_automation": Signature("automations", path=("automation_id",)),
    "update_automation": Signature("automations", path=("automation_id",), body=models.AutomationUpdate),
    "activate_automation": Signature("automations", path=("automation_id",), body=models.AutomationActivate),
    "toggle_automation": Signature("automations", path=("automation_id",), body=models.AutomationActivate),
    "list_automation_enrollments": Signature("automations", path=("automation_id",), parameters=models.ListAutomationEnrollmentsParameters),
    "list_ab_tests": Signature("ab_tests", parameters=models.ListAbTestsParameters),
    "create_ab_test": Signature("ab_tests", body=models.AbTestCreate),
    "get_ab_test": Signature("ab_tests", path=("ab_test_id",)),
    "start_ab_test": Signature("ab_tests", path=("ab_test_id",)),
    "choose_winner": Signature("ab_tests", path=("ab_test_id",), body=models.AbTestWinner),
    "send_whatsapp": Signature("channels", body=models.WhatsappSend, parameters=models.SendWhatsappParameters),
    "send_push": Signature("channels", body=models.PushSend, parameters=models.SendPushParameters),
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
