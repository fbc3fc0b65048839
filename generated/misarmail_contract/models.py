"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, convert, field

AbTestMetric: TypeAlias = Literal["open_rate", "click_rate", "reply_rate"]
"""
What decides, as a share of the mails sent. `open_rate` and `click_rate` count recipients once, `reply_rate` direct answers.
"""


AbTestStatus: TypeAlias = Literal["draft", "scheduled", "running", "completed"]
"""
`draft` until it is started, `scheduled` until its variants are sent, then `running`; `completed` when a winner was chosen.
"""


class Attachment(Struct, kw_only=True):
    """
    One file.
    """

    filename: str
    """
    Its name for the recipient.
    """
    content: str
    """
    The bytes in base64 (RFC 4648, section 4), without line breaks.
    """
    content_type: str = "application/octet-stream"
    """
    Its media type.
    """
    content_id: str | UnsetType = UNSET
    """
    Makes it an inline image, shown by `<img src="cid:...">` in the HTML body (RFC 2392).
    """


class AutomationActivate(Struct, kw_only=True):
    """
    Whether it is to run.
    """

    active: bool = True
    """
    True to activate it
    """


AutomationName: TypeAlias = str
"""
What the team calls it.
"""


AutomationStatus: TypeAlias = Literal["draft", "active", "paused"]
"""
`draft` until it is activated, then `active` or `paused`.
"""


AutomationStepCreate: TypeAlias = dict[str, Any]
"""
One step, of the kind that its `type` says. Without a `type` it sends an e-mail.
"""


CampaignBodyText: TypeAlias = str
"""
The plain text body, with merge tags.
"""


CampaignName: TypeAlias = str
"""
What the team calls it; recipients never see it.
"""


class CampaignPagination(Struct, kw_only=True):
    """
    Where this page stands.
    """

    page: int
    """
    This page, counted from 1.
    """
    per_page: int
    """
    How many to a page.
    """
    total: int
    """
    How many there are on all pages.
    """


CampaignStatus: TypeAlias = Literal["draft", "scheduled", "sending", "paused", "sent", "cancelled", "failed"]
"""
Where it stands: `draft` until it is scheduled, `scheduled` until its time, then `sending` and `sent`; `paused` waits to be resumed,
`cancelled` and `failed` are final.
"""


CampaignTime: TypeAlias = datetime
"""
When to send it.
"""


class CredibleInterval(Struct, kw_only=True):
    """
    Where the true rate lies with 95 % probability.
    """

    low: float
    """
    The lower end.
    """
    high: float
    """
    The upper end.
    """


DelayMinutes: TypeAlias = int
"""
How long after the step before it; 0 is at once.
"""


class Details(Struct, kw_only=True):
    """
    What is wrong with the request, by field.
    """

    fieldErrors: dict[str, list[str]]
    """
    Sentences by the request's top-level field or parameter; deeper places are named inside the sentence.
    """
    formErrors: list[str]
    """
    Sentences that belong to no single field.
    """


DeviceToken: TypeAlias = str
"""
A device's token, as its app got it from the push service.
"""


EmailAddress: TypeAlias = str
"""
An e-mail address in ASCII (an internationalised domain in its xn-- form).
"""


ErrorCode: TypeAlias = Literal[
    "validation_failed",
    "malformed_body",
    "unauthenticated",
    "key_expired",
    "key_revoked",
    "scope_missing",
    "sender_not_verified",
    "feature_unavailable",
    "plan_limit_exceeded",
    "not_found",
    "method_not_allowed",
    "contact_exists",
    "already_exists",
    "domain_taken",
    "wrong_state",
    "idempotency_in_flight",
    "idempotency_mismatch",
    "body_too_large",
    "unsupported_media_type",
    "recipients_suppressed",
    "channel_refused",
    "rate_limited",
    "internal_error",
    "unavailable",
]
"""
The reason, for programs.
"""


ExitCondition: TypeAlias = Literal[
    "unsubscribed", "bounced", "complained", "replied", "clicked", "purchased", "tag_removed", "segment_left"
]
"""
What ends an enrollment early.
"""


ExtraHeaders: TypeAlias = dict[str, str]
"""
Header fields to add. Those that the server writes itself are refused.
"""


Id: TypeAlias = str
"""
An opaque id.
"""


IdempotencyKeyText: TypeAlias = str
"""
A word of the caller's that names this call, such as the order it is about.
"""


KeyName: TypeAlias = str
"""
What the key is for.
"""


MergeScalar: TypeAlias = str | int | float | bool | None
"""
What stands in the tag's place; null leaves it empty.
"""


MergeValue: TypeAlias = MergeScalar | dict[str, MergeScalar]
"""
One value, or a group of values reached with a dot.
"""


MergeValues: TypeAlias = dict[str, MergeValue]
"""
Values for merge tags: `{{first_name}}` takes `first_name`, `{{contact.company}}` takes `company` of `contact`.
"""


class MessageEvent(Struct, kw_only=True):
    """
    Something that happened.
    """

    type: Literal["accepted", "deferred", "delivered", "captured", "bounced", "suppressed"]
    """
    What happened.
    """
    at: datetime
    """
    When.
    """
    recipient: str | None
    """
    To which recipient; null when to the message.
    """
    reply_code: int | None
    """
    The receiving server's SMTP reply code; null without one.
    """
    reply_text: str | None
    """
    The receiving server's words, or ours where there was no reply.
    """


MessageState: TypeAlias = Literal["scheduled", "queued", "delivered", "partly_delivered", "captured", "bounced", "suppressed"]
"""
Where the message stands as a whole: `scheduled`, `queued` (a recipient is still due), `delivered`, `captured`, `bounced`,
`suppressed` (every recipient), or `partly_delivered`.
"""


PersonName: TypeAlias = str
"""
A display name, on one line.
"""


PhoneNumber: TypeAlias = str
"""
A phone number in E.164, with its `+`; blanks, dots, hyphens and brackets between the digits are left out.
"""


class Proof(Struct, kw_only=True):
    """
    The DNS record that proves whose domain it is.
    """

    host: str
    """
    Where it must be published.
    """
    value: str
    """
    What it must say.
    """
    type: Literal["TXT"] = "TXT"
    """
    The record's type.
    """


class PushKeys(Struct, kw_only=True):
    """
    The browser's keys, in base64url.
    """

    p256dh: str
    """
    Its public key.
    """
    auth: str
    """
    Its secret.
    """


PushLink: TypeAlias = str
"""
What opens when it is tapped.
"""


class PushResult(Struct, kw_only=True):
    """
    What became of one device.
    """

    to: str
    """
    The device's token, or the subscription's endpoint.
    """
    success: bool
    """
    Whether the provider took it.
    """
    message_id: str | UnsetType = UNSET
    """
    The provider's id of it.
    """
    error: str | UnsetType = UNSET
    """
    Why it was not taken.
    """


class PushSubscription(Struct, kw_only=True):
    """
    A browser's subscription (W3C Push API). Delivering to it needs a provider of web push.
    """

    endpoint: str
    """
    Where the browser's push service listens.
    """
    keys: PushKeys
    expirationTime: int | None | UnsetType = UNSET
    """
    When it ends; not used.
    """


PushText: TypeAlias = str
"""
The text below the headline.
"""


PushTitle: TypeAlias = str
"""
The headline.
"""


RecipientState: TypeAlias = Literal["pending", "leased", "deferred", "delivered", "captured", "bounced", "suppressed", "cancelled"]
"""
Where one recipient stands.
"""


class SandboxSend(Struct, kw_only=True):
    """
    A captured mail.
    """

    id: Id
    from_: str = field(name="from")
    """
    The sender's address.
    """
    to: list[str]
    """
    The addresses of all recipients: to, cc and bcc.
    """
    subject: str
    """
    The subject line as rendered.
    """
    body_html: str | None
    """
    The HTML body as rendered; null where there is none.
    """
    body_text: str | None
    """
    The plain text body as rendered; null where there is none.
    """
    headers: dict[str, str]
    """
    The header fields the mail would carry.
    """
    created_at: datetime
    """
    When it was captured.
    """


Scope: TypeAlias = Literal[
    "send",
    "send:transactional",
    "send:marketing",
    "contacts",
    "campaigns",
    "templates",
    "automations",
    "domains",
    "aliases",
    "ips",
    "ips:read",
    "ips:write",
    "validate",
    "inbound",
    "inbound:read",
    "inbound:write",
    "sandbox",
    "analytics",
    "track",
    "track:events",
    "track:purchase",
    "webhooks",
    "keys:manage",
    "read",
    "write",
]
"""
Something a key may do; the security scheme `apiKey` describes each.
"""


StepSubject: TypeAlias = str
"""
A subject in place of the template's, with merge tags.
"""


StepTarget: TypeAlias = int | Literal["exit"]
"""
A later step's index, counted from 0, or `exit`.
"""


StepValue: TypeAlias = str | int | float | bool
"""
A value.
"""


Subject: TypeAlias = str
"""
The subject line.
"""


SuppressionReason: TypeAlias = Literal["bounced", "complained", "unsubscribed", "manual"]
"""
Why an address is not mailed any more.
"""


TemplateCategory: TypeAlias = str
"""
A word to sort templates by.
"""


TemplateHtml: TypeAlias = str
"""
The HTML body, with merge tags. Values are escaped; `{{{tag}}}` puts one in as it is.
"""


TemplateName: TypeAlias = str
"""
What the team calls it; recipients never see it.
"""


class TemplateRender(Struct, kw_only=True):
    """
    A template and the values to preview it with.
    """

    template_id: Id
    """
    The template to render.
    """
    contact: MergeValues | UnsetType = UNSET


TemplateSubject: TypeAlias = str
"""
The subject line, with merge tags.
"""


class TemplateSummary(Struct, kw_only=True):
    """
    A template without its bodies.
    """

    id: Id
    name: TemplateName
    subject: TemplateSubject
    category: str | None
    """
    A word to sort templates by; null where none was given.
    """
    created_at: datetime
    """
    When it was made.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


TemplateText: TypeAlias = str
"""
The plain text body, with merge tags. Recommended; some readers show nothing else.
"""


class TemplateUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays. `null` takes the text body or the category away.
    """

    name: TemplateName | UnsetType = UNSET
    subject: TemplateSubject | UnsetType = UNSET
    body_html: TemplateHtml | UnsetType = UNSET
    body_text: TemplateText | None | UnsetType = UNSET
    """
    The plain text body; null takes it away.
    """
    category: TemplateCategory | None | UnsetType = UNSET
    """
    A word to sort templates by; null takes it away.
    """


TriggerType: TypeAlias = Literal[
    "welcome_email",
    "contact_created",
    "tag_added",
    "tag_removed",
    "segment_joined",
    "event_tracked",
    "campaign_opened",
    "link_clicked",
    "date_based",
    "form_submitted",
    "api",
]
"""
What enrolls a contact: `welcome_email` (it enters the list of `list_id`, or without one, is subscribed), `contact_created`, `tag_added`,
`tag_removed`, `segment_joined`, `event_tracked`, `campaign_opened`, `link_clicked`, `date_based` (a date of the contact comes), `form_submitted`, or
`api` (only by a call).
"""


class UntypedStep(Struct, kw_only=True):
    """
    A step that sends an e-mail.
    """

    template_id: Id
    """
    The template.
    """
    delay_minutes: DelayMinutes = 0
    subject: StepSubject | UnsetType = UNSET


class CurrentPlan(Struct, kw_only=True):
    """
    The account's plan.
    """

    slug: str
    """
    The plan's short name.
    """
    name: str
    """
    The plan's name.
    """


class Usage(Struct, kw_only=True):
    """
    How much of the allowance is used.
    """

    used: int
    """
    Used so far.
    """
    limit: int
    """
    What the plan allows.
    """
    remaining: int
    """
    What is left.
    """
    period: Literal["month", "total"] | None
    """
    What the allowance is counted over.
    """
    resets_at: datetime | None
    """
    When it is counted anew; null when it is not.
    """


class Urls(Struct, kw_only=True):
    """
    Pages for people.
    """

    pricing: str
    """
    Where to choose another plan.
    """


class Upgrade(Struct, kw_only=True):
    """
    Which allowance of the plan is spent, and where to get more.
    """

    feature: str
    """
    The allowance.
    """
    current_plan: CurrentPlan
    """
    The account's plan.
    """
    usage: Usage
    """
    How much of the allowance is used.
    """
    urls: Urls
    """
    Pages for people.
    """


class Variant(Struct, kw_only=True):
    """
    One variant and what it has reached.
    """

    id: Id
    name: str
    """
    What the team calls it.
    """
    subject: str | None
    """
    The subject in place of the campaign's; null for the campaign's.
    """
    body_html: str | None
    """
    The HTML body in place of the campaign's; null for the campaign's.
    """
    body_text: str | None
    """
    The plain text body in place of the campaign's; null for the campaign's.
    """
    from_name: str | None
    """
    The sender's name in place of the campaign's; null for the campaign's.
    """
    send_count: int
    """
    How many mails were sent.
    """
    open_count: int
    """
    How many recipients opened it.
    """
    click_count: int
    """
    How many recipients followed a link.
    """
    reply_count: int
    """
    How many recipients answered.
    """
    rate: float | None
    """
    The metric as a fraction of the mails sent; null before any was.
    """
    credible_interval: CredibleInterval
    probability_best: float
    """
    How probable it is that its true rate is the highest.
    """


class VariantCreate(Struct, kw_only=True):
    """
    What one variant says in place of the campaign.
    """

    name: str | UnsetType = UNSET
    """
    What the team calls it; A, B, C where none is given.
    """
    subject: TemplateSubject | UnsetType = UNSET
    body_html: TemplateHtml | UnsetType = UNSET
    body_text: CampaignBodyText | UnsetType = UNSET
    from_name: PersonName | UnsetType = UNSET
    """
    The sender's name.
    """


class WaitStep(Struct, kw_only=True, tag_field="type", tag="wait"):
    """
    Does nothing for a while.
    """

    delay_minutes: DelayMinutes = 0
    """
    How long.
    """


class WebhookStep(Struct, kw_only=True, tag_field="type", tag="webhook"):
    """
    Posts the contact to a URL.
    """

    url: str
    """
    Where to.
    """
    delay_minutes: DelayMinutes = 0


WhatsappLanguage: TypeAlias = str
"""
The template's language (BCP 47, also with `_`).
"""


class WhatsappParameter(Struct, kw_only=True):
    """
    A value for the template's next place.
    """

    text: str
    """
    The value.
    """
    type: Literal["text"] = "text"
    """
    Its kind.
    """


WhatsappTemplateName: TypeAlias = str
"""
The name of a template that WhatsApp has approved.
"""


WhatsappText: TypeAlias = str
"""
Free text; WhatsApp takes it only within 24 hours of the recipient's last message.
"""


Word: TypeAlias = str
"""
A name on one line.
"""


class SendEmailParameters(Struct, kw_only=True):
    """
    What `send_email` takes beside its path and body.
    """

    idempotency_key: IdempotencyKeyText | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """
    x_misar_mail_sandbox: bool = False
    """
    Capture the mail in the sandbox inbox instead of delivering it.
    """
    x_source_app: str | UnsetType = UNSET
    """
    The calling application, kept with the message.
    """


class TemplatePage(Struct, kw_only=True):
    """
    A page of templates.
    """

    templates: list[TemplateSummary]
    """
    The templates of this page.
    """
    total: int
    """
    How many there are on all pages.
    """
    page: int
    """
    This page.
    """
    limit: int
    """
    How many to a page.
    """
    success: bool = True
    """
    Always true.
    """


class ListTemplatesParameters(Struct, kw_only=True):
    """
    What `list_templates` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """
    category: str | UnsetType = UNSET
    """
    Only templates of this category.
    """
    search: str | UnsetType = UNSET
    """
    Only templates whose name or subject holds each of these words, in any case.
    """


class TemplateRendered(Struct, kw_only=True):
    """
    What a recipient with these values would get.
    """

    subject: str
    """
    The subject line.
    """
    body_html: str
    """
    The HTML body.
    """
    body_text: str | None
    """
    The plain text body; null where the template has none.
    """
    success: bool = True
    """
    Always true.
    """


class TemplateDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class ListCampaignsParameters(Struct, kw_only=True):
    """
    What `list_campaigns` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    per_page: int = 20
    """
    How many to a page.
    """
    limit: int | UnsetType = UNSET
    """
    Use per_page. Where both are given this one counts.
    """
    status: CampaignStatus | UnsetType = UNSET
    """
    Only campaigns in this state.
    """


class CampaignDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class CampaignAccepted(Struct, kw_only=True):
    """
    What was accepted for later.
    """

    message: str
    """
    One sentence for people.
    """
    campaign_id: Id
    scheduled_at: datetime
    """
    When it is due.
    """
    success: bool = True
    """
    Always true.
    """
    status: Literal["scheduled"] = "scheduled"
    """
    Its state now.
    """
    idempotent: bool | UnsetType = UNSET
    """
    True when this repeats the answer to an earlier call with the same key.
    """


class SendCampaignParameters(Struct, kw_only=True):
    """
    What `send_campaign` takes beside its path and body.
    """

    idempotency_key: IdempotencyKeyText | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class ListAutomationsParameters(Struct, kw_only=True):
    """
    What `list_automations` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """
    status: AutomationStatus | UnsetType = UNSET
    """
    Only automations in this state.
    """


class AutomationDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class ListAutomationEnrollmentsParameters(Struct, kw_only=True):
    """
    What `list_automation_enrollments` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class ListAbTestsParameters(Struct, kw_only=True):
    """
    What `list_ab_tests` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class WhatsappAnswer(Struct, kw_only=True):
    """
    What was sent.
    """

    message_id: str
    """
    The provider's id of the message.
    """
    success: bool = True
    """
    Always true.
    """
    status: Literal["sent"] = "sent"
    """
    Always sent.
    """
    channel: Literal["whatsapp"] = "whatsapp"
    """
    Always whatsapp.
    """
    idempotent: bool | UnsetType = UNSET
    """
    True when this repeats the answer to an earlier call with the same key.
    """


class SendWhatsappParameters(Struct, kw_only=True):
    """
    What `send_whatsapp` takes beside its path and body.
    """

    idempotency_key: IdempotencyKeyText | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class PushAnswer(Struct, kw_only=True):
    """
    What was sent.
    """

    message_id: Id
    sent: int
    """
    For how many devices it was taken.
    """
    failed: int
    """
    For how many it was not.
    """
    results: list[PushResult]
    """
    What became of each device, in the order they were given.
    """
    success: bool = True
    """
    Always true.
    """
    channel: Literal["push"] = "push"
    """
    Always push.
    """
    idempotent: bool | UnsetType = UNSET
    """
    True when this repeats the answer to an earlier call with the same key.
    """


class SendPushParameters(Struct, kw_only=True):
    """
    What `send_push` takes beside its path and body.
    """

    idempotency_key: IdempotencyKeyText | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class SandboxPage(Struct, kw_only=True):
    """
    A page of captured mail.
    """

    sends: list[SandboxSend]
    """
    The mails of this page.
    """
    total: int
    """
    How many there are on all pages.
    """
    page: int
    """
    This page.
    """
    limit: int
    """
    How many to a page.
    """
    success: bool = True
    """
    Always true.
    """


class ListSandboxSendsParameters(Struct, kw_only=True):
    """
    What `list_sandbox_sends` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class SandboxDeleted(Struct, kw_only=True):
    """
    How many were deleted.
    """

    deleted: int
    """
    How many.
    """
    success: bool = True
    """
    Always true.
    """


class SendToSandboxParameters(Struct, kw_only=True):
    """
    What `send_to_sandbox` takes beside its path and body.
    """

    idempotency_key: IdempotencyKeyText | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class SandboxSendAnswer(Struct, kw_only=True):
    """
    The captured mail.
    """

    send: SandboxSend
    success: bool = True
    """
    Always true.
    """


class KeyCreated(Struct, kw_only=True):
    """
    The new key.
    """

    key: str
    """
    The secret. It cannot be shown again.
    """
    id: Id
    key_prefix: str
    """
    `msk_` and the first 8 characters of the secret, to tell keys apart.
    """
    name: KeyName
    scopes: str
    """
    Its scopes, separated by commas.
    """
    created_at: datetime
    """
    When it was made.
    """
    expires_at: datetime | None
    """
    When it stops working; null for never.
    """
    success: bool = True
    """
    Always true.
    """


class KeyDeleted(Struct, kw_only=True):
    """
    What was revoked.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class DeleteKeyByQueryParameters(Struct, kw_only=True):
    """
    What `delete_key_by_query` takes beside its path and body.
    """

    id: Id
    """
    The key's id.
    """


class HealthAnswer(Struct, kw_only=True):
    """
    The process answers.
    """

    version: str
    """
    The server's version.
    """
    success: bool = True
    """
    Always true.
    """
    status: Literal["ok"] = "ok"
    """
    Always ok.
    """


class ReadyAnswer(Struct, kw_only=True):
    """
    The store can be read and written.
    """

    due_count: int
    """
    Recipients whose delivery is due now; counted up to 1,000.
    """
    success: bool = True
    """
    Always true.
    """
    status: Literal["ready"] = "ready"
    """
    Always ready.
    """


class AbTest(Struct, kw_only=True):
    """
    A whole A/B test.
    """

    id: Id
    campaign_id: Id
    status: AbTestStatus
    metric: AbTestMetric
    test_size_percent: float
    """
    How much of the audience gets the variants.
    """
    auto_send_winner: bool
    """
    Whether the winner is chosen and sent by itself.
    """
    auto_send_after_hours: float
    """
    Hours to wait before that.
    """
    variants: list[Variant]
    """
    The variants, in the order they were given.
    """
    winner_id: str | None
    """
    The variant that won; null before.
    """
    started_at: datetime | None
    """
    When it was started; null before.
    """
    completed_at: datetime | None
    """
    When its winner was chosen; null before.
    """
    created_at: datetime
    """
    When it was made.
    """


class AbTestCreate(Struct, kw_only=True):
    """
    A new A/B test.
    """

    campaign_id: Id
    """
    The draft campaign that is tested.
    """
    variants: list[VariantCreate]
    """
    The variants.
    """
    test_size_percent: float
    """
    How much of the audience gets the variants, in percent, shared out evenly.
    """
    metric: AbTestMetric
    auto_send_winner: bool = False
    """
    Whether the winner is chosen and sent to the rest by itself once the sample is large enough.
    """
    auto_send_after_hours: float = 24
    """
    Hours to wait before that.
    """


class AbTestSummary(Struct, kw_only=True):
    """
    An A/B test without its variants.
    """

    id: Id
    campaign_id: Id
    status: AbTestStatus
    metric: AbTestMetric
    test_size_percent: float
    """
    How much of the audience gets the variants.
    """
    variant_count: int
    """
    How many variants it has.
    """
    winner_id: str | None
    """
    The variant that won; null before.
    """
    created_at: datetime
    """
    When it was made.
    """


class AbTestWinner(Struct, kw_only=True):
    """
    Which variant won.
    """

    variant_id: Id
    """
    The variant's id.
    """


class AddTagStep(Struct, kw_only=True, tag_field="type", tag="add_tag"):
    """
    Gives the contact a tag.
    """

    tag: Word
    """
    The tag.
    """
    delay_minutes: DelayMinutes = 0


class AutomationSummary(Struct, kw_only=True):
    """
    An automation without its steps.
    """

    id: Id
    name: AutomationName
    trigger_type: TriggerType
    status: AutomationStatus
    step_count: int
    """
    How many steps it has.
    """
    enrolled: int
    """
    How many contacts were enrolled so far.
    """
    created_at: datetime
    """
    When it was made.
    """


class Campaign(Struct, kw_only=True):
    """
    A whole campaign.
    """

    id: Id
    name: CampaignName
    subject: TemplateSubject
    status: CampaignStatus
    from_email: str
    """
    The sender's address.
    """
    from_name: str | None
    """
    The sender's name; null where none was given.
    """
    reply_to: str | None
    """
    Where answers go; null for the sender's address.
    """
    segment_id: str | None
    """
    The segment it goes to; null for every subscribed contact.
    """
    template_id: str | None
    """
    The template its body comes from; null where it has its own.
    """
    body_html: str | None
    """
    Its own HTML body; null where there is none.
    """
    body_text: str | None
    """
    Its own plain text body; null where there is none.
    """
    scheduled_at: datetime | None
    """
    When it is to be sent, or for a draft, when that is planned; null where no time is set.
    """
    started_at: datetime | None
    """
    When sending began; null before.
    """
    sent_at: datetime | None
    """
    When all its mails were queued; null before.
    """
    completed_at: datetime | None
    """
    When the last mail was finished; null before.
    """
    total_recipients: int
    """
    How many it goes to; 0 until it is being sent.
    """
    total_sent: int
    """
    How many mails were handed over.
    """
    total_delivered: int
    """
    How many mails were taken by the receiving server.
    """
    total_opened: int
    """
    How many recipients opened it.
    """
    total_clicked: int
    """
    How many recipients followed a link.
    """
    total_bounced: int
    """
    How many mails came back.
    """
    total_complained: int
    """
    How many recipients called it spam.
    """
    total_unsubscribed: int
    """
    How many recipients unsubscribed.
    """
    created_at: datetime
    """
    When it was made.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


class CampaignCreate(Struct, kw_only=True):
    """
    A new campaign. Its body is a stored template (`template_id`) or `body_html`, `body_text` or both; it may come later, by `update_campaign`.
    Without `segment_id`, or with null, it goes to every subscribed contact.
    """

    name: CampaignName
    subject: TemplateSubject
    from_email: EmailAddress
    """
    The sender's address. It must be one this account may send from.
    """
    from_name: PersonName | UnsetType = UNSET
    """
    The sender's name.
    """
    reply_to: EmailAddress | UnsetType = UNSET
    """
    Where answers go.
    """
    segment_id: Id | None | UnsetType = UNSET
    """
    The segment it goes to; null for every subscribed contact.
    """
    template_id: Id | UnsetType = UNSET
    """
    A stored template in place of the bodies. The subject is the campaign's.
    """
    body_html: TemplateHtml | UnsetType = UNSET
    body_text: CampaignBodyText | UnsetType = UNSET
    scheduled_at: CampaignTime | UnsetType = UNSET
    """
    When it is planned to be sent.
    """


class CampaignProgress(Struct, kw_only=True):
    """
    How far a campaign is.
    """

    campaign_id: Id
    status: CampaignStatus
    scheduled_at: datetime | None
    """
    When it is to be sent; null where no time is set.
    """
    started_at: datetime | None
    """
    When sending began; null before.
    """
    completed_at: datetime | None
    """
    When the last mail was finished; null before.
    """
    total_recipients: int
    """
    How many it goes to; 0 until it is being sent.
    """
    total_sent: int
    """
    How many mails were handed over.
    """
    total_delivered: int
    """
    How many mails were taken by the receiving server.
    """
    total_opened: int
    """
    How many recipients opened it.
    """
    total_clicked: int
    """
    How many recipients followed a link.
    """
    total_bounced: int
    """
    How many mails came back.
    """
    total_complained: int
    """
    How many recipients called it spam.
    """
    total_unsubscribed: int
    """
    How many recipients unsubscribed.
    """


class CampaignSchedule(Struct, kw_only=True):
    """
    When to send it.
    """

    scheduled_at: CampaignTime
    """
    When to send it; it must be ahead.
    """


class CampaignSend(Struct, kw_only=True):
    """
    When to send it.
    """

    scheduled_at: CampaignTime | UnsetType = UNSET
    """
    When to send it. A time that is past means now.
    """
    idempotency_key: IdempotencyKeyText | UnsetType = UNSET


class CampaignSummary(Struct, kw_only=True):
    """
    A campaign without its bodies.
    """

    id: Id
    name: CampaignName
    subject: TemplateSubject
    status: CampaignStatus
    segment_id: str | None
    """
    The segment it goes to; null for every subscribed contact.
    """
    total_recipients: int
    """
    How many it goes to; 0 until it is being sent.
    """
    total_sent: int
    """
    How many mails were handed over.
    """
    total_opened: int
    """
    How many recipients opened it.
    """
    total_clicked: int
    """
    How many recipients followed a link.
    """
    total_bounced: int
    """
    How many mails came back.
    """
    sent_at: datetime | None
    """
    When all its mails were queued; null before.
    """
    created_at: datetime
    """
    When it was made.
    """


class CampaignTest(Struct, kw_only=True):
    """
    Who gets the test.
    """

    emails: list[EmailAddress]
    """
    The addresses. The same one twice gets one mail.
    """


class CampaignTestMail(Struct, kw_only=True):
    """
    A test mail that was accepted.
    """

    email: str
    """
    Who gets it.
    """
    message_id: Id


class CampaignUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays. `null` takes a value away. A `template_id` takes the place of the bodies, a body that of the template.
    """

    name: CampaignName | UnsetType = UNSET
    subject: TemplateSubject | UnsetType = UNSET
    from_email: EmailAddress | UnsetType = UNSET
    """
    The sender's address. It must be one this account may send from.
    """
    from_name: PersonName | None | UnsetType = UNSET
    """
    The sender's name; null takes it away.
    """
    reply_to: EmailAddress | None | UnsetType = UNSET
    """
    Where answers go; null for the sender's address.
    """
    segment_id: Id | None | UnsetType = UNSET
    """
    The segment it goes to; null for every subscribed contact.
    """
    template_id: Id | None | UnsetType = UNSET
    """
    A stored template; null takes it away.
    """
    body_html: TemplateHtml | None | UnsetType = UNSET
    """
    The HTML body; null takes it away.
    """
    body_text: CampaignBodyText | None | UnsetType = UNSET
    """
    The plain text body; null takes it away.
    """
    scheduled_at: CampaignTime | None | UnsetType = UNSET
    """
    When to send it. A scheduled campaign is moved to it and cannot be without one; a time that is past means now.
    """


class ConditionStep(Struct, kw_only=True, tag_field="type", tag="condition"):
    """
    Goes on at one step or another, or ends. It leads forward only, so every enrollment comes to its end.
    """

    field_: Word = field(name="field")
    """
    The contact's field it looks at.
    """
    operator: Literal[
        "equals",
        "not_equals",
        "contains",
        "not_contains",
        "starts_with",
        "ends_with",
        "greater_than",
        "less_than",
        "before",
        "after",
        "is_empty",
        "is_not_empty",
        "in",
        "not_in",
    ]
    """
    How the field is compared with `value`; `is_empty` and `is_not_empty` need none.
    """
    delay_minutes: DelayMinutes = 0
    value: StepValue | list[StepValue] | UnsetType = UNSET
    """
    What it is compared with; a list for `in` and `not_in`.
    """
    then: StepTarget | UnsetType = UNSET
    """
    Where it goes on when the condition holds; the next step where nothing is said.
    """
    else_: StepTarget | UnsetType = field(name="else", default=UNSET)
    """
    Where it goes on when it does not; `exit` where nothing is said.
    """


class Enrollment(Struct, kw_only=True):
    """
    A contact on its way through an automation.
    """

    id: Id
    contact_id: Id
    status: Literal["active", "completed", "exited", "failed"]
    """
    Where it stands.
    """
    position: int
    """
    The index of the step that is next, counted from 0.
    """
    due_at: datetime | None
    """
    When that step is due; null when there is none.
    """
    enrolled_at: datetime
    """
    When it began.
    """
    finished_at: datetime | None
    """
    When it ended; null before.
    """
    exit_reason: str | None
    """
    What ended it early; null otherwise.
    """


class Key(Struct, kw_only=True):
    """
    A key without its secret.
    """

    id: Id
    name: KeyName
    key_prefix: str
    """
    `msk_` and the first 8 characters of the secret, to tell keys apart.
    """
    scopes: str
    """
    Its scopes, separated by commas.
    """
    is_active: bool
    """
    False when it is revoked or expired.
    """
    last_used_at: datetime | None
    """
    When it was last used, to the minute; null for never.
    """
    created_at: datetime
    """
    When it was made.
    """
    expires_at: datetime | None
    """
    When it stops working; null for never.
    """


class KeyCreate(Struct, kw_only=True):
    """
    A new key.
    """

    name: KeyName
    scopes: list[Scope] = field(default_factory=lambda: convert(["send"], type=list[Scope]))
    """
    What it may do. A key can only give away scopes that it has itself.
    """
    expires_at: datetime | UnsetType = UNSET
    """
    When it stops working: in the future, and not after the asking key, with which it ends when nothing is said.
    """


class Mailbox(Struct, kw_only=True):
    """
    An address with the name that stands before it.
    """

    email: EmailAddress
    name: PersonName | UnsetType = UNSET


class MessageRecipient(Struct, kw_only=True):
    """
    One envelope recipient.
    """

    email: str
    """
    The address.
    """
    kind: Literal["to", "cc", "bcc"]
    """
    How it was named.
    """
    state: RecipientState
    attempt_count: int
    """
    How often delivery was tried.
    """
    next_attempt_at: datetime | None
    """
    When it is tried next; null when it is finished.
    """
    finished_at: datetime | None
    """
    When its state became final; null before.
    """


class Problem(Struct, kw_only=True):
    """
    What every error looks like.
    """

    error: str
    """
    One sentence for people.
    """
    code: ErrorCode
    request_id: str
    """
    Names this exchange in the server's log.
    """
    success: bool = False
    """
    Always false in an error.
    """
    details: Details | UnsetType = UNSET
    upgrade: Upgrade | UnsetType = UNSET
    feature: str | UnsetType = UNSET
    """
    What is not configured here or not in the plan.
    """
    proof: Proof | UnsetType = UNSET
    retryAfter: int | UnsetType = UNSET
    """
    Seconds until a repeat can succeed.
    """


PushDevice: TypeAlias = DeviceToken | PushSubscription
"""
A device's token or a browser's subscription.
"""


class PushSend(Struct, kw_only=True):
    """
    A notification to one or more devices.
    """

    title: PushTitle
    body: PushText
    to: DeviceToken | PushSubscription | list[PushDevice] | UnsetType = UNSET
    """
    The device, or up to 500.
    """
    contact_id: Id | UnsetType = UNSET
    """
    The contact whose devices get it.
    """
    data: dict[str, str] | UnsetType = UNSET
    """
    Values for the app.
    """
    url: PushLink | UnsetType = UNSET
    icon: str | UnsetType = UNSET
    """
    An image beside the text.
    """
    ttl: int | UnsetType = UNSET
    """
    Seconds that the push service keeps it for a device that is off; its own default without.
    """
    idempotency_key: IdempotencyKeyText | UnsetType = UNSET


class PushStep(Struct, kw_only=True, tag_field="type", tag="push"):
    """
    Sends a push notification to the contact's devices.
    """

    title: PushTitle
    body: PushText
    delay_minutes: DelayMinutes = 0
    url: PushLink | UnsetType = UNSET


class RemoveTagStep(Struct, kw_only=True, tag_field="type", tag="remove_tag"):
    """
    Takes a tag away.
    """

    tag: Word
    """
    The tag.
    """
    delay_minutes: DelayMinutes = 0


class Send(Struct, kw_only=True):
    """
    One mail to up to 100 recipients, 50 copies and 50 blind copies. Its body is `html`, `text` or both, or a stored template with `variables`;
    with a template, `subject` may be left to it, and has its tags filled when it is given.
    """

    from_: Mailbox = field(name="from")
    """
    The sender. The address must be one this account may send from.
    """
    to: list[Mailbox]
    """
    Recipients named in the To header.
    """
    cc: list[Mailbox] | UnsetType = UNSET
    """
    Recipients named in the Cc header.
    """
    bcc: list[Mailbox] | UnsetType = UNSET
    """
    Recipients named nowhere.
    """
    reply_to: Mailbox | UnsetType = UNSET
    """
    Where answers go.
    """
    subject: Subject | UnsetType = UNSET
    html: str | UnsetType = UNSET
    """
    The HTML body.
    """
    text: str | UnsetType = UNSET
    """
    The plain text body.
    """
    template_id: Id | UnsetType = UNSET
    """
    A stored template in place of html and text.
    """
    variables: MergeValues | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET
    """
    Files, 10 MB together when decoded.
    """
    headers: ExtraHeaders | UnsetType = UNSET
    in_reply_to: Id | UnsetType = UNSET
    """
    The id of an earlier message that this one answers; sets In-Reply-To and References.
    """
    stream: Literal["transactional", "marketing"] = "transactional"
    """
    `transactional` mail is delivered before `marketing` mail.
    """
    tags: list[str] | UnsetType = UNSET
    """
    Words to find and count messages by.
    """
    metadata: dict[str, str] | UnsetType = UNSET
    """
    The caller's own values; given back with the message.
    """
    scheduled_at: datetime | UnsetType = UNSET
    """
    When to send it. A time that is past means now.
    """
    idempotency_key: IdempotencyKeyText | UnsetType = UNSET


class SendEmailStep(Struct, kw_only=True, tag_field="type", tag="send_email"):
    """
    Sends a template.
    """

    template_id: Id
    """
    The template.
    """
    delay_minutes: DelayMinutes = 0
    subject: StepSubject | UnsetType = UNSET


class SuppressedRecipient(Struct, kw_only=True):
    """
    A recipient that was left out.
    """

    email: str
    """
    The address.
    """
    reason: SuppressionReason


class Template(Struct, kw_only=True):
    """
    A whole template.
    """

    id: Id
    name: TemplateName
    subject: TemplateSubject
    body_html: TemplateHtml
    body_text: str | None
    """
    The plain text body; null where there is none.
    """
    category: str | None
    """
    A word to sort templates by; null where none was given.
    """
    variables: list[str]
    """
    The names of its merge tags, in order of first use in subject, HTML and text.
    """
    created_at: datetime
    """
    When it was made.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


class TemplateCreate(Struct, kw_only=True):
    """
    A new template.
    """

    name: TemplateName
    subject: TemplateSubject
    body_html: TemplateHtml
    body_text: TemplateText | UnsetType = UNSET
    category: TemplateCategory | UnsetType = UNSET


class TemplateCreated(Struct, kw_only=True):
    """
    The new template, without its bodies.
    """

    id: Id
    name: TemplateName
    subject: TemplateSubject
    category: str | None
    """
    A word to sort templates by; null where none was given.
    """
    created_at: datetime
    """
    When it was made.
    """


class TriggerConfig(Struct, kw_only=True):
    """
    What the trigger looks at. `tag_added` and `tag_removed` need `tag`, `segment_joined` needs `segment_id`, `event_tracked` needs `event`, `date_based`
    needs `field`. The others may narrow it: `welcome_email` to a `list_id`, `campaign_opened` and `link_clicked` to a `campaign_id`, `link_clicked` to
    a `url`, `form_submitted` to a `form_id`. What the trigger does not look at is refused.
    """

    list_id: Id | UnsetType = UNSET
    """
    The list, which is a static segment.
    """
    tag: Word | UnsetType = UNSET
    """
    The tag.
    """
    segment_id: Id | UnsetType = UNSET
    """
    The segment.
    """
    event: Word | UnsetType = UNSET
    """
    The event's name.
    """
    field_: Word | UnsetType = field(name="field", default=UNSET)
    """
    The contact's field that holds the date.
    """
    offset_days: int | UnsetType = UNSET
    """
    How many days after the date; before it where negative. 0 where none is given.
    """
    campaign_id: Id | UnsetType = UNSET
    """
    The campaign.
    """
    url: str | UnsetType = UNSET
    """
    The link.
    """
    form_id: Id | UnsetType = UNSET
    """
    The form.
    """


class UpdateFieldStep(Struct, kw_only=True, tag_field="type", tag="update_field"):
    """
    Sets a field of the contact.
    """

    field_: Word = field(name="field")
    """
    The field.
    """
    value: StepValue
    """
    Its new value.
    """
    delay_minutes: DelayMinutes = 0


class WhatsappSend(Struct, kw_only=True):
    """
    A message to one phone number.
    """

    to: PhoneNumber
    contact_id: Id | UnsetType = UNSET
    """
    The contact it is for; kept with the message.
    """
    template_name: WhatsappTemplateName | UnsetType = UNSET
    parameters: list[WhatsappParameter] | UnsetType = UNSET
    """
    Values for the template's places, in order.
    """
    language: WhatsappLanguage = "en"
    message: WhatsappText | UnsetType = UNSET
    idempotency_key: IdempotencyKeyText | UnsetType = UNSET


class WhatsappStep(Struct, kw_only=True, tag_field="type", tag="whatsapp"):
    """
    Sends a WhatsApp message; the contact's phone number is in its field `phone`.
    """

    delay_minutes: DelayMinutes = 0
    template_name: WhatsappTemplateName | UnsetType = UNSET
    language: WhatsappLanguage = "en"
    message: WhatsappText | UnsetType = UNSET


class TemplateCreatedAnswer(Struct, kw_only=True):
    """
    The new template.
    """

    template: TemplateCreated
    success: bool = True
    """
    Always true.
    """


class TemplateAnswer(Struct, kw_only=True):
    """
    The template.
    """

    template: Template
    success: bool = True
    """
    Always true.
    """


class CampaignPage(Struct, kw_only=True):
    """
    A page of campaigns.
    """

    campaigns: list[CampaignSummary]
    """
    The campaigns of this page.
    """
    pagination: CampaignPagination
    success: bool = True
    """
    Always true.
    """


class CampaignCreated(Struct, kw_only=True):
    """
    The campaign.
    """

    campaign: Campaign
    success: bool = True
    """
    Always true.
    """


class CampaignAnswer(Struct, kw_only=True):
    """
    The campaign.
    """

    campaign: Campaign
    success: bool = True
    """
    Always true.
    """


class CampaignChanged(Struct, kw_only=True):
    """
    The campaign.
    """

    campaign: Campaign
    success: bool = True
    """
    Always true.
    """


class CampaignTested(Struct, kw_only=True):
    """
    What was accepted.
    """

    messages: list[CampaignTestMail]
    """
    One mail to each address.
    """
    success: bool = True
    """
    Always true.
    """
    suppressed: list[SuppressedRecipient] | UnsetType = UNSET
    """
    Addresses that were left out.
    """


class CampaignProgressAnswer(Struct, kw_only=True):
    """
    How far it is.
    """

    progress: CampaignProgress
    success: bool = True
    """
    Always true.
    """


class AutomationPage(Struct, kw_only=True):
    """
    A page of automations.
    """

    automations: list[AutomationSummary]
    """
    The automations of this page.
    """
    total: int
    """
    How many there are on all pages.
    """
    page: int
    """
    This page.
    """
    limit: int
    """
    How many to a page.
    """
    success: bool = True
    """
    Always true.
    """


class EnrollmentPage(Struct, kw_only=True):
    """
    A page of enrollments.
    """

    enrollments: list[Enrollment]
    """
    The enrollments of this page.
    """
    total: int
    """
    How many there are on all pages.
    """
    page: int
    """
    This page.
    """
    limit: int
    """
    How many to a page.
    """
    success: bool = True
    """
    Always true.
    """


class AbTestPage(Struct, kw_only=True):
    """
    A page of A/B tests.
    """

    ab_tests: list[AbTestSummary]
    """
    The tests of this page.
    """
    total: int
    """
    How many there are on all pages.
    """
    page: int
    """
    This page.
    """
    limit: int
    """
    How many to a page.
    """
    success: bool = True
    """
    Always true.
    """


class AbTestCreated(Struct, kw_only=True):
    """
    The test.
    """

    ab_test: AbTest
    success: bool = True
    """
    Always true.
    """


class AbTestAnswer(Struct, kw_only=True):
    """
    The test.
    """

    ab_test: AbTest
    success: bool = True
    """
    Always true.
    """


class AbTestChanged(Struct, kw_only=True):
    """
    The test.
    """

    ab_test: AbTest
    success: bool = True
    """
    Always true.
    """


class KeyList(Struct, kw_only=True):
    """
    The account's keys.
    """

    keys: list[Key]
    """
    The keys, newest first.
    """
    success: bool = True
    """
    Always true.
    """


class KeyAnswer(Struct, kw_only=True):
    """
    The key.
    """

    key: Key
    success: bool = True
    """
    Always true.
    """


class AutomationCreate(Struct, kw_only=True):
    """
    A new automation.
    """

    name: AutomationName
    trigger_type: TriggerType
    steps: list[AutomationStepCreate]
    """
    What happens, in order. An automation without steps cannot be activated.
    """
    trigger_config: TriggerConfig | UnsetType = UNSET
    exit_on: list[ExitCondition] | UnsetType = UNSET
    """
    What ends an enrollment before its last step.
    """


AutomationStep: TypeAlias = (
    SendEmailStep | WaitStep | ConditionStep | AddTagStep | RemoveTagStep | UpdateFieldStep | WebhookStep | WhatsappStep | PushStep
)
"""
One step, of the kind that its `type` says.
"""


class AutomationUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays. A new `trigger_type` starts from an empty `trigger_config`.
    """

    name: AutomationName | UnsetType = UNSET
    trigger_type: TriggerType | UnsetType = UNSET
    trigger_config: TriggerConfig | UnsetType = UNSET
    steps: list[AutomationStepCreate] | UnsetType = UNSET
    """
    What happens, in order. An automation without steps cannot be activated.
    """
    exit_on: list[ExitCondition] | UnsetType = UNSET
    """
    What ends an enrollment before its last step.
    """


class Message(Struct, kw_only=True):
    """
    A message, its recipients, and what happened to it.
    """

    id: Id
    state: MessageState
    stream: Literal["transactional", "marketing"]
    """
    Which mail goes first.
    """
    sandbox: bool
    """
    True when it was captured because the caller asked.
    """
    from_: Mailbox = field(name="from")
    to: list[Mailbox]
    """
    The To header.
    """
    cc: list[Mailbox]
    """
    The Cc header.
    """
    subject: str
    """
    The subject line.
    """
    template_id: str | None
    """
    The template it was made from; null where there was none.
    """
    tags: list[str]
    """
    The caller's words.
    """
    metadata: dict[str, str]
    """
    The caller's values.
    """
    scheduled_at: datetime | None
    """
    When it is to be sent; null for at once.
    """
    created_at: datetime
    """
    When it was accepted.
    """
    recipients: list[MessageRecipient]
    """
    Every envelope recipient.
    """
    events: list[MessageEvent]
    """
    What happened, oldest first.
    """


class SendAnswer(Struct, kw_only=True):
    """
    What was accepted.
    """

    message_id: Id
    provider: Literal["smtp", "capture", "sandbox"]
    """
    Where it goes: a mail server, or the sandbox inbox because no relay is set (`capture`) or because it was asked for.
    """
    timestamp: datetime
    """
    When it was accepted.
    """
    success: bool = True
    """
    Always true.
    """
    sandbox: bool | UnsetType = UNSET
    """
    True when it was captured because the caller asked.
    """
    idempotent: bool | UnsetType = UNSET
    """
    True when this repeats the answer to an earlier call with the same key.
    """
    suppressed: list[SuppressedRecipient] | UnsetType = UNSET
    """
    Recipients that were left out.
    """


class SendQueued(Struct, kw_only=True):
    """
    What was accepted for later.
    """

    message: str
    """
    One sentence for people.
    """
    message_id: Id
    success: bool = False
    """
    Always false: the mail has not left.
    """
    queued: bool = True
    """
    Always true.
    """
    idempotent: bool | UnsetType = UNSET
    """
    True when this repeats the answer to an earlier call with the same key.
    """
    suppressed: list[SuppressedRecipient] | UnsetType = UNSET
    """
    Recipients that were left out.
    """


class MessageAnswer(Struct, kw_only=True):
    """
    The message.
    """

    message: Message
    success: bool = True
    """
    Always true.
    """


class Automation(Struct, kw_only=True):
    """
    A whole automation.
    """

    id: Id
    name: AutomationName
    trigger_type: TriggerType
    trigger_config: TriggerConfig
    status: AutomationStatus
    steps: list[AutomationStep]
    """
    What happens, in order.
    """
    step_count: int
    """
    How many steps it has.
    """
    exit_on: list[ExitCondition]
    """
    What ends an enrollment early.
    """
    enrolled: int
    """
    How many contacts were enrolled so far.
    """
    activated_at: datetime | None
    """
    When it was last activated; null before.
    """
    created_at: datetime
    """
    When it was made.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


class AutomationCreated(Struct, kw_only=True):
    """
    The automation.
    """

    automation: Automation
    success: bool = True
    """
    Always true.
    """


class AutomationAnswer(Struct, kw_only=True):
    """
    The automation.
    """

    automation: Automation
    success: bool = True
    """
    Always true.
    """


class AutomationChanged(Struct, kw_only=True):
    """
    The automation.
    """

    automation: Automation
    success: bool = True
    """
    Always true.
    """
