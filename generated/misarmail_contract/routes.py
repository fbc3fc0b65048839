"""The protocols of handlers, and how the runtime calls them. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from contract.runtime.binding import HandlerResponse, Signature
from misarmail_contract import models
from misarmail_server.context import Context, DetachedContext, OpenContext


class Send(Protocol):
    """Handlers of `send`."""

    def send_email(
        self,
        ctx: Context,
        body: models.EmailSend,
        parameters: models.SendEmailParameters,
    ) -> models.EmailSendResponse | models.EmailQueuedResponse:
        """Send an e-mail."""


class Messages(Protocol):
    """Handlers of `messages`."""

    def get_message(self, ctx: Context, message_id: str) -> models.MessageResponse:
        """Get a message."""


class Templates(Protocol):
    """Handlers of `templates`."""

    def list_templates(self, ctx: Context, parameters: models.ListTemplatesParameters) -> models.TemplateList:
        """List templates."""

    def create_template(self, ctx: Context, body: models.TemplateCreate) -> models.TemplateCreateResponse:
        """Create a template."""

    def render_template(self, ctx: Context, body: models.TemplateRender) -> models.TemplateRenderResponse:
        """Render a template."""

    def get_template(self, ctx: Context, template_id: str) -> models.TemplateResponse:
        """Get a template."""

    def delete_template(self, ctx: Context, template_id: str) -> models.TemplateDeleted:
        """Delete a template."""

    def update_template(self, ctx: Context, template_id: str, body: models.TemplateUpdate) -> models.TemplateResponse:
        """Update a template."""


class Campaigns(Protocol):
    """Handlers of `campaigns`."""

    def list_campaigns(self, ctx: Context, parameters: models.ListCampaignsParameters) -> models.CampaignList:
        """List campaigns."""

    def create_campaign(self, ctx: Context, body: models.CampaignCreate) -> models.CampaignResponse:
        """Create a campaign."""

    def get_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignResponse:
        """Get a campaign."""

    def delete_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignDeleted:
        """Delete a campaign."""

    def update_campaign(self, ctx: Context, campaign_id: str, body: models.CampaignUpdate) -> models.CampaignResponse:
        """Update a campaign."""

    def send_campaign(
        self,
        ctx: Context,
        campaign_id: str,
        body: models.CampaignSend,
        parameters: models.SendCampaignParameters,
    ) -> models.CampaignSendResponse:
        """Send a campaign."""

    def schedule_campaign(self, ctx: Context, campaign_id: str, body: models.CampaignSchedule) -> models.CampaignResponse:
        """Schedule a campaign."""

    def pause_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignResponse:
        """Pause a campaign."""

    def resume_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignResponse:
        """Resume a campaign."""

    def cancel_campaign(self, ctx: Context, campaign_id: str) -> models.CampaignResponse:
        """Cancel a campaign."""

    def test_campaign(self, ctx: Context, campaign_id: str, body: models.CampaignTest) -> models.CampaignTestResponse:
        """Send a test of a campaign."""

    def get_campaign_audience(self, ctx: Context, campaign_id: str) -> models.CampaignAudienceResponse:
        """Count the audience of a campaign."""

    def list_campaign_recipients(
        self,
        ctx: Context,
        campaign_id: str,
        parameters: models.ListCampaignRecipientsParameters,
    ) -> models.CampaignRecipientList:
        """List the recipients of a campaign."""

    def get_campaign_progress(self, ctx: Context, campaign_id: str) -> models.CampaignProgressResponse:
        """Get campaign progress."""

    def stream_campaign(self, ctx: Context, campaign_id: str) -> bytes | Iterator[bytes]:
        """Stream campaign progress."""


class Automations(Protocol):
    """Handlers of `automations`."""

    def list_automations(self, ctx: Context, parameters: models.ListAutomationsParameters) -> models.AutomationList:
        """List automations."""

    def create_automation(self, ctx: Context, body: models.AutomationCreate) -> models.AutomationResponse:
        """Create an automation."""

    def get_automation(self, ctx: Context, automation_id: str) -> models.AutomationResponse:
        """Get an automation."""

    def delete_automation(self, ctx: Context, automation_id: str) -> models.AutomationDeleted:
        """Delete an automation."""

    def update_automation(self, ctx: Context, automation_id: str, body: models.AutomationUpdate) -> models.AutomationResponse:
        """Update an automation."""

    def activate_automation(self, ctx: Context, automation_id: str, body: models.AutomationActivate) -> models.AutomationResponse:
        """Activate or pause an automation."""

    def toggle_automation(self, ctx: Context, automation_id: str, body: models.AutomationActivate) -> models.AutomationResponse:
        """Activate or pause an automation."""

    def list_automation_enrollments(
        self,
        ctx: Context,
        automation_id: str,
        parameters: models.ListAutomationEnrollmentsParameters,
    ) -> models.EnrollmentList:
        """List enrollments."""


class AbTests(Protocol):
    """Handlers of `ab_tests`."""

    def list_ab_tests(self, ctx: Context, parameters: models.ListAbTestsParameters) -> models.AbTestList:
        """List A/B tests."""

    def create_ab_test(self, ctx: Context, body: models.AbTestCreate) -> models.AbTestResponse:
        """Create an A/B test."""

    def get_ab_test(self, ctx: Context, ab_test_id: str) -> models.AbTestResponse:
        """Get an A/B test."""

    def start_ab_test(self, ctx: Context, ab_test_id: str) -> models.AbTestResponse:
        """Start an A/B test."""

    def choose_winner(self, ctx: Context, ab_test_id: str, body: models.AbTestWinnerChoice) -> models.AbTestResponse:
        """Choose the winner of an A/B test."""


class Channels(Protocol):
    """Handlers of `channels`."""

    def send_whatsapp(
        self,
        ctx: DetachedContext,
        body: models.WhatsappSend,
        parameters: models.SendWhatsappParameters,
    ) -> models.WhatsappSendResponse:
        """Send a WhatsApp message."""

    def send_push(self, ctx: DetachedContext, body: models.PushSend, parameters: models.SendPushParameters) -> models.PushSendResponse:
        """Send a push notification."""


class ContactFields(Protocol):
    """Handlers of `contact_fields`."""

    def list_contact_fields(self, ctx: Context, parameters: models.ListContactFieldsParameters) -> models.ContactFieldList:
        """List contact fields."""

    def create_contact_field(self, ctx: Context, body: models.ContactFieldCreate) -> models.ContactFieldResponse:
        """Declare a contact field."""

    def get_contact_field(self, ctx: Context, contact_field_id: str) -> models.ContactFieldResponse:
        """Get a contact field."""

    def delete_contact_field(self, ctx: Context, contact_field_id: str) -> models.ContactFieldDeleted:
        """Delete a contact field."""

    def update_contact_field(self, ctx: Context, contact_field_id: str, body: models.ContactFieldUpdate) -> models.ContactFieldResponse:
        """Update a contact field."""


class Contacts(Protocol):
    """Handlers of `contacts`."""

    def list_contacts(self, ctx: Context, parameters: models.ListContactsParameters) -> models.ContactList:
        """List contacts."""

    def upsert_contact(self, ctx: Context, body: models.ContactUpsert) -> models.ContactUpsertResponse:
        """Create or update a contact."""

    def create_contact(self, ctx: Context, body: models.ContactCreate) -> models.ContactResponse:
        """Create a contact."""

    def delete_contact_by_query(self, ctx: Context, parameters: models.DeleteContactByQueryParameters) -> models.ContactDeleted:
        """Delete a contact by query parameter."""

    def update_contact_by_email(self, ctx: Context, body: models.ContactUpdateByEmail) -> models.ContactResponse:
        """Update a contact by address."""

    def search_contacts(self, ctx: Context, body: models.ContactSearch) -> models.ContactSearchResponse:
        """Search contacts."""

    def import_contacts(
        self,
        ctx: DetachedContext,
        body: models.ContactImport | bytes,
        parameters: models.ImportContactsParameters,
    ) -> models.ContactImportResponse:
        """Import contacts."""

    def export_contacts(self, ctx: Context, parameters: models.ExportContactsParameters) -> bytes | Iterator[bytes]:
        """Export contacts."""

    def get_contact(self, ctx: Context, contact_id: str) -> models.ContactResponse:
        """Get a contact."""

    def delete_contact(self, ctx: Context, contact_id: str) -> models.ContactDeleted:
        """Delete a contact."""

    def update_contact(self, ctx: Context, contact_id: str, body: models.ContactUpdate) -> models.ContactResponse:
        """Update a contact."""

    def export_contact_data(self, ctx: Context, contact_id: str) -> models.ContactDataResponse:
        """Export all data about a person."""

    def erase_contact(self, ctx: Context, contact_id: str) -> models.ContactEraseResponse:
        """Erase a person."""

    def list_contact_activity(
        self,
        ctx: Context,
        contact_id: str,
        parameters: models.ListContactActivityParameters,
    ) -> models.ContactActivityList:
        """List contact activity."""


class Topics(Protocol):
    """Handlers of `topics`."""

    def get_contact_topics(self, ctx: Context, contact_id: str) -> models.ContactTopicsResponse:
        """Get the topics of a contact."""

    def update_contact_topics(self, ctx: Context, contact_id: str, body: models.ContactTopicsUpdate) -> models.ContactTopicsResponse:
        """Subscribe a contact to topics."""

    def list_topics(self, ctx: Context, parameters: models.ListTopicsParameters) -> models.TopicList:
        """List topics."""

    def create_topic(self, ctx: Context, body: models.TopicCreate) -> models.TopicResponse:
        """Create a topic."""

    def get_topic(self, ctx: Context, topic_id: str) -> models.TopicResponse:
        """Get a topic."""

    def delete_topic(self, ctx: Context, topic_id: str) -> models.TopicDeleted:
        """Delete a topic."""

    def update_topic(self, ctx: Context, topic_id: str, body: models.TopicUpdate) -> models.TopicResponse:
        """Update a topic."""


class Segments(Protocol):
    """Handlers of `segments`."""

    def list_segments(self, ctx: Context, parameters: models.ListSegmentsParameters) -> models.SegmentList:
        """List segments."""

    def create_segment(self, ctx: Context, body: models.SegmentCreate) -> models.SegmentResponse:
        """Create a segment."""

    def get_segment(self, ctx: Context, segment_id: str) -> models.SegmentResponse:
        """Get a segment."""

    def delete_segment(self, ctx: Context, segment_id: str) -> models.SegmentDeleted:
        """Delete a segment."""

    def update_segment(self, ctx: Context, segment_id: str, body: models.SegmentUpdate) -> models.SegmentResponse:
        """Update a segment."""

    def preview_segment(self, ctx: Context, segment_id: str, parameters: models.PreviewSegmentParameters) -> models.SegmentPreviewResponse:
        """Preview a segment."""

    def refresh_segment(self, ctx: Context, segment_id: str) -> models.SegmentResponse:
        """Recount a segment."""

    def list_segment_members(
        self,
        ctx: Context,
        segment_id: str,
        parameters: models.ListSegmentMembersParameters,
    ) -> models.SegmentMemberList:
        """List the contacts of a segment."""


class Sandbox(Protocol):
    """Handlers of `sandbox`."""

    def list_sandbox_sends(self, ctx: Context, parameters: models.ListSandboxSendsParameters) -> models.SandboxSendList:
        """List captured messages."""

    def clear_sandbox(self, ctx: Context) -> models.SandboxDeleted:
        """Delete all captured messages."""

    def send_to_sandbox(self, ctx: Context, body: models.EmailSend, parameters: models.SendToSandboxParameters) -> models.EmailSendResponse:
        """Send an e-mail to the sandbox."""

    def get_sandbox_send(self, ctx: Context, send_id: str, parameters: models.GetSandboxSendParameters) -> models.SandboxSendResponse:
        """Get a captured message."""

    def delete_sandbox_send(self, ctx: Context, send_id: str) -> models.SandboxDeleted:
        """Delete a captured message."""


class Domains(Protocol):
    """Handlers of `domains`."""

    def list_domains(self, ctx: Context, parameters: models.ListDomainsParameters) -> models.DomainList:
        """List domains."""

    def create_domain(self, ctx: DetachedContext, body: models.DomainCreate) -> models.DomainResponse:
        """Create a domain."""

    def get_domain(self, ctx: Context, domain_id: str) -> models.DomainResponse:
        """Get a domain."""

    def delete_domain(self, ctx: Context, domain_id: str) -> models.DomainDeleted:
        """Delete a domain."""

    def verify_domain(self, ctx: DetachedContext, domain_id: str) -> models.DomainVerifyResponse:
        """Verify a domain."""

    def rotate_domain(self, ctx: DetachedContext, domain_id: str) -> models.DomainResponse:
        """Rotate the DKIM keys of a domain."""

    def list_domains_unversioned(self, ctx: Context, parameters: models.ListDomainsUnversionedParameters) -> models.DomainList:
        """List domains (unversioned path)."""

    def create_domain_unversioned(self, ctx: DetachedContext, body: models.DomainCreate) -> models.DomainResponse:
        """Create a domain (unversioned path)."""

    def get_domain_unversioned(self, ctx: Context, domain_id: str) -> models.DomainResponse:
        """Get a domain (unversioned path)."""

    def delete_domain_unversioned(self, ctx: Context, domain_id: str) -> models.DomainDeleted:
        """Delete a domain (unversioned path)."""

    def verify_domain_unversioned(self, ctx: DetachedContext, domain_id: str) -> models.DomainVerifyResponse:
        """Verify a domain (unversioned path)."""

    def rotate_domain_unversioned(self, ctx: DetachedContext, domain_id: str) -> models.DomainResponse:
        """Rotate the DKIM keys of a domain (unversioned path)."""


class Aliases(Protocol):
    """Handlers of `aliases`."""

    def list_aliases(self, ctx: Context, parameters: models.ListAliasesParameters) -> models.AliasList:
        """List aliases."""

    def create_alias(self, ctx: Context, body: models.AliasCreate) -> models.AliasResponse:
        """Create an alias."""

    def get_alias(self, ctx: Context, alias_id: str) -> models.AliasResponse:
        """Get an alias."""

    def delete_alias(self, ctx: Context, alias_id: str) -> models.AliasDeleted:
        """Delete an alias."""

    def update_alias(self, ctx: Context, alias_id: str, body: models.AliasUpdate) -> models.AliasResponse:
        """Update an alias."""


class Inbound(Protocol):
    """Handlers of `inbound`."""

    def list_inbound_domains(self, ctx: Context, parameters: models.ListInboundDomainsParameters) -> models.InboundDomainList:
        """List inbound domains."""

    def create_inbound_domain(self, ctx: Context, body: models.InboundDomainCreate) -> models.InboundDomainCreateResponse:
        """Create an inbound domain."""

    def get_inbound_domain(self, ctx: Context, inbound_id: str) -> models.InboundDomainResponse:
        """Get an inbound domain."""

    def delete_inbound_domain(self, ctx: Context, inbound_id: str) -> models.InboundDomainDeleted:
        """Delete an inbound domain."""

    def update_inbound_domain(self, ctx: Context, inbound_id: str, body: models.InboundDomainUpdate) -> models.InboundDomainResponse:
        """Update an inbound domain."""


class Validate(Protocol):
    """Handlers of `validate`."""

    def get_validation(self, ctx: DetachedContext, parameters: models.GetValidationParameters) -> models.ValidationResponse:
        """Validate an address."""

    def validate_addresses(self, ctx: DetachedContext, body: models.AddressValidate) -> models.AddressValidateResponse:
        """Validate addresses."""


class DedicatedIps(Protocol):
    """Handlers of `dedicated_ips`."""

    def list_dedicated_ips(self, ctx: Context, parameters: models.ListDedicatedIpsParameters) -> models.DedicatedIpList:
        """List dedicated IPs."""

    def create_dedicated_ip(self, ctx: Context, body: models.DedicatedIpCreate) -> models.DedicatedIpCreateResponse:
        """Claim a dedicated IP."""

    def get_dedicated_ip(self, ctx: Context, ip_id: str) -> models.DedicatedIpResponse:
        """Get a dedicated IP."""

    def delete_dedicated_ip(self, ctx: Context, ip_id: str) -> models.DedicatedIpDeleted:
        """Release a dedicated IP."""

    def update_dedicated_ip(self, ctx: Context, ip_id: str, body: models.DedicatedIpUpdate) -> models.DedicatedIpResponse:
        """Update a dedicated IP."""

    def get_warmup(self, ctx: Context) -> models.WarmupResponse:
        """Get warm-up progress."""


class Keys(Protocol):
    """Handlers of `keys`."""

    def list_keys(self, ctx: Context) -> models.KeyList:
        """List API keys."""

    def create_key(self, ctx: Context, body: models.KeyCreate) -> models.KeyCreateResponse:
        """Create an API key."""

    def delete_key_by_query(self, ctx: Context, parameters: models.DeleteKeyByQueryParameters) -> models.KeyDeleted:
        """Revoke an API key by query parameter."""

    def get_key(self, ctx: Context, key_id: str) -> models.KeyResponse:
        """Get an API key."""

    def delete_key(self, ctx: Context, key_id: str) -> models.KeyDeleted:
        """Revoke an API key."""


class Suppressions(Protocol):
    """Handlers of `suppressions`."""

    def list_suppressions(self, ctx: Context, parameters: models.ListSuppressionsParameters) -> models.SuppressionList:
        """List suppressions."""

    def create_suppression(self, ctx: Context, body: models.SuppressionCreate) -> models.SuppressionResponse:
        """Create a suppression."""

    def get_suppression(self, ctx: Context, email: str, parameters: models.GetSuppressionParameters) -> models.SuppressionResponse:
        """Get a suppression."""

    def delete_suppression(self, ctx: Context, email: str, parameters: models.DeleteSuppressionParameters) -> models.SuppressionDeleted:
        """Delete a suppression."""


class Analytics(Protocol):
    """Handlers of `analytics`."""

    def get_analytics(self, ctx: Context, parameters: models.GetAnalyticsParameters) -> models.AnalyticsResponse:
        """Get analytics between two dates."""

    def get_analytics_overview(self, ctx: Context, parameters: models.GetAnalyticsOverviewParameters) -> models.AnalyticsResponse:
        """Get analytics for a period."""

    def get_campaign_analytics(
        self,
        ctx: Context,
        campaign_id: str,
        parameters: models.GetCampaignAnalyticsParameters,
    ) -> models.CampaignAnalyticsResponse:
        """Get analytics for a campaign."""


class Webhooks(Protocol):
    """Handlers of `webhooks`."""

    def list_webhooks(self, ctx: Context, parameters: models.ListWebhooksParameters) -> models.WebhookList:
        """List webhooks."""

    def create_webhook(self, ctx: Context, body: models.WebhookCreate) -> models.WebhookCreateResponse:
        """Create a webhook."""

    def get_relay_addresses(self, ctx: Context) -> models.RelayAddressesResponse:
        """Get relay reporting URLs."""

    def receive_relay_events(
        self,
        ctx: OpenContext,
        provider: str,
        token: str,
        body: models.RelayReport | bytes,
    ) -> models.RelayReportResponse:
        """Receive a relay report."""

    def get_webhook(self, ctx: Context, webhook_id: str) -> models.WebhookResponse:
        """Get a webhook."""

    def delete_webhook(self, ctx: Context, webhook_id: str) -> models.WebhookDeleted:
        """Delete a webhook."""

    def update_webhook(self, ctx: Context, webhook_id: str, body: models.WebhookUpdate) -> models.WebhookResponse:
        """Update a webhook."""

    def test_webhook(self, ctx: DetachedContext, webhook_id: str) -> models.WebhookAttemptResponse:
        """Send a test event."""

    def rotate_webhook_secret(self, ctx: Context, webhook_id: str, body: models.WebhookSecretRotate) -> models.WebhookSecretRotateResponse:
        """Rotate the secret of a webhook."""

    def list_webhook_deliveries(
        self,
        ctx: Context,
        webhook_id: str,
        parameters: models.ListWebhookDeliveriesParameters,
    ) -> models.WebhookDeliveryList:
        """List webhook deliveries."""

    def replay_webhook_delivery(self, ctx: DetachedContext, webhook_id: str, delivery_id: str) -> models.WebhookAttemptResponse:
        """Replay a webhook delivery."""


class Track(Protocol):
    """Handlers of `track`."""

    def track_event(self, ctx: Context, body: models.EventTrack) -> models.EventTrackResponse:
        """Track an event."""

    def track_purchase(
        self,
        ctx: Context,
        body: models.PurchaseTrack,
        parameters: models.TrackPurchaseParameters,
    ) -> models.PurchaseTrackResponse:
        """Track a purchase."""


class Usage(Protocol):
    """Handlers of `usage`."""

    def get_usage(self, ctx: Context) -> models.UsageResponse:
        """Get usage."""

    def get_plan(self, ctx: Context) -> models.PlanResponse:
        """Get the plan."""


class Audit(Protocol):
    """Handlers of `audit`."""

    def list_audit_entries(self, ctx: Context, parameters: models.ListAuditEntriesParameters) -> models.AuditEntryList:
        """List audit log entries."""


class Accounts(Protocol):
    """Handlers of `accounts`."""

    def list_accounts(self, ctx: Context) -> models.AccountList:
        """List connected accounts."""

    def create_account(self, ctx: DetachedContext, body: models.AccountCreate) -> models.AccountResponse:
        """Connect an e-mail account."""

    def delete_account(self, ctx: Context, account_id: str) -> models.AccountDeleted:
        """Disconnect an e-mail account."""

    def check_account(self, ctx: DetachedContext, account_id: str) -> models.AccountCheckResponse:
        """Check a connected account."""

    def send_account_code(self, ctx: Context, account_id: str) -> models.AccountCodeResponse:
        """Mail a code to a connected account."""

    def verify_account(self, ctx: DetachedContext, account_id: str, body: models.AccountCode) -> models.AccountVerifyResponse:
        """Verify the address of a connected account."""


class Billing(Protocol):
    """Handlers of `billing`."""

    def get_subscription(self, ctx: Context) -> models.SubscriptionResponse:
        """Get the subscription."""

    def create_checkout(self, ctx: Context, body: models.CheckoutCreate) -> models.BillingUrlResponse:
        """Create a checkout."""

    def create_portal(self, ctx: Context) -> models.BillingUrlResponse:
        """Create a billing portal link."""


class Session(Protocol):
    """Handlers of `session`."""

    def get_session(self, ctx: Context) -> models.SessionResponse:
        """Get the current session."""

    def sign_in(self, ctx: OpenContext, body: models.SignIn) -> HandlerResponse[models.SessionResponse]:
        """Sign in."""

    def sign_out(self, ctx: Context) -> HandlerResponse[models.SignOutResponse]:
        """Sign out."""

    def request_password_reset(self, ctx: OpenContext, body: models.PasswordReset) -> models.PasswordResetResponse:
        """Request a password reset."""

    def reset_password(self, ctx: OpenContext, body: models.PasswordResetConfirm) -> models.PasswordResetConfirmResponse:
        """Reset a password."""


class Health(Protocol):
    """Handlers of `health`."""

    def get_health(self, ctx: OpenContext) -> models.HealthResponse:
        """Check liveness."""

    def get_readiness(self, ctx: OpenContext) -> models.ReadinessResponse:
        """Check readiness."""


SIGNATURES: dict[str, Signature] = {
    "send_email": Signature(
        "send",
        body=models.EmailSend,
        parameters=models.SendEmailParameters,
        responses={models.EmailSendResponse: 200, models.EmailQueuedResponse: 202},
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
    "get_campaign_audience": Signature("campaigns", path=("campaign_id",)),
    "list_campaign_recipients": Signature("campaigns", path=("campaign_id",), parameters=models.ListCampaignRecipientsParameters),
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
    "choose_winner": Signature("ab_tests", path=("ab_test_id",), body=models.AbTestWinnerChoice),
    "send_whatsapp": Signature("channels", body=models.WhatsappSend, parameters=models.SendWhatsappParameters),
    "send_push": Signature("channels", body=models.PushSend, parameters=models.SendPushParameters),
    "list_contact_fields": Signature("contact_fields", parameters=models.ListContactFieldsParameters),
    "create_contact_field": Signature("contact_fields", body=models.ContactFieldCreate),
    "get_contact_field": Signature("contact_fields", path=("contact_field_id",)),
    "delete_contact_field": Signature("contact_fields", path=("contact_field_id",)),
    "update_contact_field": Signature("contact_fields", path=("contact_field_id",), body=models.ContactFieldUpdate),
    "list_contacts": Signature("contacts", parameters=models.ListContactsParameters),
    "upsert_contact": Signature("contacts", body=models.ContactUpsert),
    "create_contact": Signature("contacts", body=models.ContactCreate),
    "delete_contact_by_query": Signature("contacts", parameters=models.DeleteContactByQueryParameters),
    "update_contact_by_email": Signature("contacts", body=models.ContactUpdateByEmail),
    "search_contacts": Signature("contacts", body=models.ContactSearch),
    "import_contacts": Signature("contacts", body=models.ContactImport, parameters=models.ImportContactsParameters),
    "export_contacts": Signature("contacts", parameters=models.ExportContactsParameters),
    "get_contact": Signature("contacts", path=("contact_id",)),
    "delete_contact": Signature("contacts", path=("contact_id",)),
    "update_contact": Signature("contacts", path=("contact_id",), body=models.ContactUpdate),
    "export_contact_data": Signature("contacts", path=("contact_id",)),
    "erase_contact": Signature("contacts", path=("contact_id",)),
    "list_contact_activity": Signature("contacts", path=("contact_id",), parameters=models.ListContactActivityParameters),
    "get_contact_topics": Signature("topics", path=("contact_id",)),
    "update_contact_topics": Signature("topics", path=("contact_id",), body=models.ContactTopicsUpdate),
    "list_segments": Signature("segments", parameters=models.ListSegmentsParameters),
    "create_segment": Signature("segments", body=models.SegmentCreate),
    "get_segment": Signature("segments", path=("segment_id",)),
    "delete_segment": Signature("segments", path=("segment_id",)),
    "update_segment": Signature("segments", path=("segment_id",), body=models.SegmentUpdate),
    "preview_segment": Signature("segments", path=("segment_id",), parameters=models.PreviewSegmentParameters),
    "refresh_segment": Signature("segments", path=("segment_id",)),
    "list_segment_members": Signature("segments", path=("segment_id",), parameters=models.ListSegmentMembersParameters),
    "list_topics": Signature("topics", parameters=models.ListTopicsParameters),
    "create_topic": Signature("topics", body=models.TopicCreate),
    "get_topic": Signature("topics", path=("topic_id",)),
    "delete_topic": Signature("topics", path=("topic_id",)),
    "update_topic": Signature("topics", path=("topic_id",), body=models.TopicUpdate),
    "list_sandbox_sends": Signature("sandbox", parameters=models.ListSandboxSendsParameters),
    "clear_sandbox": Signature("sandbox"),
    "send_to_sandbox": Signature("sandbox", body=models.EmailSend, parameters=models.SendToSandboxParameters),
    "get_sandbox_send": Signature("sandbox", path=("send_id",), parameters=models.GetSandboxSendParameters),
    "delete_sandbox_send": Signature("sandbox", path=("send_id",)),
    "list_domains": Signature("domains", parameters=models.ListDomainsParameters),
    "create_domain": Signature("domains", body=models.DomainCreate),
    "get_domain": Signature("domains", path=("domain_id",)),
    "delete_domain": Signature("domains", path=("domain_id",)),
    "verify_domain": Signature("domains", path=("domain_id",)),
    "rotate_domain": Signature("domains", path=("domain_id",)),
    "list_domains_unversioned": Signature("domains", parameters=models.ListDomainsUnversionedParameters),
    "create_domain_unversioned": Signature("domains", body=models.DomainCreate),
    "get_domain_unversioned": Signature("domains", path=("domain_id",)),
    "delete_domain_unversioned": Signature("domains", path=("domain_id",)),
    "verify_domain_unversioned": Signature("domains", path=("domain_id",)),
    "rotate_domain_unversioned": Signature("domains", path=("domain_id",)),
    "list_aliases": Signature("aliases", parameters=models.ListAliasesParameters),
    "create_alias": Signature("aliases", body=models.AliasCreate),
    "get_alias": Signature("aliases", path=("alias_id",)),
    "delete_alias": Signature("aliases", path=("alias_id",)),
    "update_alias": Signature("aliases", path=("alias_id",), body=models.AliasUpdate),
    "list_inbound_domains": Signature("inbound", parameters=models.ListInboundDomainsParameters),
    "create_inbound_domain": Signature("inbound", body=models.InboundDomainCreate),
    "get_inbound_domain": Signature("inbound", path=("inbound_id",)),
    "delete_inbound_domain": Signature("inbound", path=("inbound_id",)),
    "update_inbound_domain": Signature("inbound", path=("inbound_id",), body=models.InboundDomainUpdate),
    "get_validation": Signature("validate", parameters=models.GetValidationParameters),
    "validate_addresses": Signature("validate", body=models.AddressValidate),
    "list_dedicated_ips": Signature("dedicated_ips", parameters=models.ListDedicatedIpsParameters),
    "create_dedicated_ip": Signature("dedicated_ips", body=models.DedicatedIpCreate),
    "get_dedicated_ip": Signature("dedicated_ips", path=("ip_id",)),
    "delete_dedicated_ip": Signature("dedicated_ips", path=("ip_id",)),
    "update_dedicated_ip": Signature("dedicated_ips", path=("ip_id",), body=models.DedicatedIpUpdate),
    "get_warmup": Signature("dedicated_ips"),
    "list_keys": Signature("keys"),
    "create_key": Signature("keys", body=models.KeyCreate),
    "delete_key_by_query": Signature("keys", parameters=models.DeleteKeyByQueryParameters),
    "get_key": Signature("keys", path=("key_id",)),
    "delete_key": Signature("keys", path=("key_id",)),
    "list_suppressions": Signature("suppressions", parameters=models.ListSuppressionsParameters),
    "create_suppression": Signature("suppressions", body=models.SuppressionCreate),
    "get_suppression": Signature("suppressions", path=("email",), parameters=models.GetSuppressionParameters),
    "delete_suppression": Signature("suppressions", path=("email",), parameters=models.DeleteSuppressionParameters),
    "get_analytics": Signature("analytics", parameters=models.GetAnalyticsParameters),
    "get_analytics_overview": Signature("analytics", parameters=models.GetAnalyticsOverviewParameters),
    "list_webhooks": Signature("webhooks", parameters=models.ListWebhooksParameters),
    "create_webhook": Signature("webhooks", body=models.WebhookCreate),
    "get_relay_addresses": Signature("webhooks"),
    "receive_relay_events": Signature(
        "webhooks",
        path=(
            "provider",
            "token",
        ),
        body=models.RelayReport,
    ),
    "get_webhook": Signature("webhooks", path=("webhook_id",)),
    "delete_webhook": Signature("webhooks", path=("webhook_id",)),
    "update_webhook": Signature("webhooks", path=("webhook_id",), body=models.WebhookUpdate),
    "test_webhook": Signature("webhooks", path=("webhook_id",)),
    "rotate_webhook_secret": Signature("webhooks", path=("webhook_id",), body=models.WebhookSecretRotate),
    "list_webhook_deliveries": Signature("webhooks", path=("webhook_id",), parameters=models.ListWebhookDeliveriesParameters),
    "replay_webhook_delivery": Signature(
        "webhooks",
        path=(
            "webhook_id",
            "delivery_id",
        ),
    ),
    "get_campaign_analytics": Signature("analytics", path=("campaign_id",), parameters=models.GetCampaignAnalyticsParameters),
    "track_event": Signature("track", body=models.EventTrack),
    "track_purchase": Signature("track", body=models.PurchaseTrack, parameters=models.TrackPurchaseParameters),
    "get_usage": Signature("usage"),
    "get_plan": Signature("usage"),
    "list_audit_entries": Signature("audit", parameters=models.ListAuditEntriesParameters),
    "list_accounts": Signature("accounts"),
    "create_account": Signature("accounts", body=models.AccountCreate),
    "delete_account": Signature("accounts", path=("account_id",)),
    "check_account": Signature("accounts", path=("account_id",)),
    "send_account_code": Signature("accounts", path=("account_id",)),
    "verify_account": Signature("accounts", path=("account_id",), body=models.AccountCode),
    "get_subscription": Signature("billing"),
    "create_checkout": Signature("billing", body=models.CheckoutCreate),
    "create_portal": Signature("billing"),
    "get_session": Signature("session"),
    "sign_in": Signature("session", body=models.SignIn),
    "sign_out": Signature("session"),
    "request_password_reset": Signature("session", body=models.PasswordReset),
    "reset_password": Signature("session", body=models.PasswordResetConfirm),
    "get_health": Signature("health"),
    "get_readiness": Signature("health"),
}
