"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, convert, field


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


CompanyName: TypeAlias = str
"""
Where the person works.
"""


class ContactActivity(Struct, kw_only=True):
    """
    Something that happened to a contact, or to mail for its address.
    """

    type: str
    """
    What happened: `created`, `imported`, `updated` and the statuses for the contact itself; `delivered`, `deferred`, `bounced`,
    `captured`, `suppressed` and the like for mail. New types may be added.
    """
    at: datetime
    """
    When.
    """
    message_id: str | None
    """
    The mail it happened to; null where it was no mail.
    """
    data: dict[str, Any]
    """
    Particulars: which `fields` were updated, or what the receiver replied.
    """


ContactImportRow: TypeAlias = dict[str, Any]
"""
One contact to add, with the fields of `create_contact`.
"""


ContactSource: TypeAlias = str
"""
Where the contact came from, in the account's own words.
"""


ContactStatus: TypeAlias = Literal["subscribed", "unsubscribed", "bounced", "complained"]
"""
`subscribed` receives mail; the others do not.
"""


ContactTag: TypeAlias = str
"""
A word to find contacts by. Case makes no difference; it is kept as it was first written.
"""


ContactTags: TypeAlias = list[ContactTag]
"""
The contact's tags, sorted.
"""


CustomValue: TypeAlias = str | int | float | bool | None
"""
Text on one line, a number, true or false; null takes the field away.
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
    "rate_limited",
    "internal_error",
    "unavailable",
]
"""
The reason, for programs.
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


class ImportRowError(Struct, kw_only=True):
    """
    A row that was left out.
    """

    line: int
    """
    The line of the CSV file where the row begins, or the number of the JSON row, counted from 1.
    """
    reason: str
    """
    What is wrong with it.
    """
    email: str | UnsetType = UNSET
    """
    What stands in the email column, where anything does.
    """


class ImportSummary(Struct, kw_only=True):
    """
    How many rows had each outcome; together they are all rows.
    """

    imported: int
    """
    New contacts.
    """
    updated: int
    """
    Contacts that were there and were changed.
    """
    skipped: int
    """
    Contacts that were there and stay as they are.
    """
    errors: int
    """
    Rows that break a rule.
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


class Pagination(Struct, kw_only=True):
    """
    Where this page stands.
    """

    page: int
    """
    This page, counted from 1.
    """
    limit: int
    """
    How many to a page.
    """
    total: int
    """
    How many there are on all pages.
    """
    total_pages: int
    """
    How many pages there are.
    """


PersonName: TypeAlias = str
"""
A display name, on one line.
"""


PersonsName: TypeAlias = str
"""
A name, on one line.
"""


PhoneNumber: TypeAlias = str
"""
A telephone number, as it is written.
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


SegmentDescription: TypeAlias = str
"""
What it is for.
"""


class SegmentMemberIds(Struct, kw_only=True):
    """
    The contacts of a segment, by id.
    """

    segment_id: Id
    contact_ids: list[Id]
    """
    The ids of the contacts of this page.
    """


SegmentName: TypeAlias = str
"""
What the team calls it.
"""


SegmentType: TypeAlias = Literal["dynamic", "static"]
"""
`dynamic` follows its rules, `static` is a list of contacts.
"""


SegmentValue: TypeAlias = str | int | float | bool | list[str | int | float | bool]
"""
What it is compared with; a list for `in` and `not_in`.
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


UpdateExisting: TypeAlias = bool
"""
Whether contacts that are there already are changed: fields that a row gives replace the old ones, tags and custom fields are added.
Without it they are skipped. A contact that is unsubscribed, bounced or complained keeps its status either way.
"""


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


class ListContactsParameters(Struct, kw_only=True):
    """
    What `list_contacts` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 50
    """
    How many to a page.
    """
    status: ContactStatus | UnsetType = UNSET
    """
    Only contacts of this status.
    """
    segment_id: Id | UnsetType = UNSET
    """
    Only contacts of this segment.
    """
    tag: ContactTag | UnsetType = UNSET
    """
    Only contacts with this tag, in any case.
    """
    search: str | UnsetType = UNSET
    """
    Only contacts of whom each of these words begins the address, the first name, the last name or the company, in any case.
    """
    id: Id | UnsetType = UNSET
    """
    Only this contact; 404 where there is none.
    """


class ContactDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class DeleteContactByQueryParameters(Struct, kw_only=True):
    """
    What `delete_contact_by_query` takes beside its path and body.
    """

    id: Id
    """
    The contact's id.
    """


class ContactImported(Struct, kw_only=True):
    """
    What became of the rows.
    """

    summary: ImportSummary
    errors: list[ImportRowError]
    """
    The rows that break a rule, in order; the first 1,000 of them.
    """
    success: bool = True
    """
    Always true.
    """
    idempotent: bool | UnsetType = UNSET
    """
    This is the answer to the first call with this idempotency key.
    """


class ImportContactsParameters(Struct, kw_only=True):
    """
    What `import_contacts` takes beside its path and body.
    """

    idempotency_key: IdempotencyKeyText | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """
    update_existing: bool = False
    """
    The same as `update_existing` in a JSON body, for CSV.
    """


class ExportContactsParameters(Struct, kw_only=True):
    """
    What `export_contacts` takes beside its path and body.
    """

    status: ContactStatus | UnsetType = UNSET
    """
    Only contacts of this status.
    """
    segment_id: Id | UnsetType = UNSET
    """
    Only contacts of this segment.
    """


class ContactActivityPage(Struct, kw_only=True):
    """
    A page of what happened.
    """

    activity: list[ContactActivity]
    """
    What happened.
    """
    pagination: Pagination
    success: bool = True
    """
    Always true.
    """


class ListContactActivityParameters(Struct, kw_only=True):
    """
    What `list_contact_activity` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class ListSegmentsParameters(Struct, kw_only=True):
    """
    What `list_segments` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class SegmentDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class SegmentMembers(Struct, kw_only=True):
    """
    A page of the segment's contacts.
    """

    data: SegmentMemberIds
    pagination: Pagination
    success: bool = True
    """
    Always true.
    """


class ListSegmentMembersParameters(Struct, kw_only=True):
    """
    What `list_segment_members` takes beside its path and body.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
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


ContactIds: TypeAlias = list[Id]
"""
Contacts by id.
"""


class ContactImport(Struct, kw_only=True):
    """
    Contacts to add, up to 10,000 at once.
    """

    contacts: list[ContactImportRow]
    """
    The rows, each with the fields of a new contact in either spelling. A row that breaks a rule is reported by its number, counted
    from 1, and left out; the others are imported.
    """
    update_existing: UpdateExisting = False
    idempotency_key: IdempotencyKeyText | UnsetType = UNSET


CustomFields: TypeAlias = dict[str, CustomValue]
"""
The account's own fields, by name. Merge tags and segments reach them as `custom_fields.<name>`.
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


class SegmentRule(Struct, kw_only=True):
    """
    A rule: `field`, `operator` and, unless the operator is `is_empty` or `is_not_empty`, `value`; or a group: `operator` and `rules`.
    Fields: email, first_name, last_name, phone, company, source, status, tags, created_at, updated_at and `custom_fields.<name>`.
    Text is compared without regard to case. For `tags`, `equals` and `contains` mean that the contact has the tag.
    `before`, `after`, `less_than` and `greater_than` take a date or a time for created_at and updated_at. A contact without a value is
    matched by `not_equals`, `not_contains`, `not_in` and `is_empty` only.
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
        "AND",
        "OR",
    ]
    """
    How it is compared; AND and OR for a group.
    """
    field_: str | UnsetType = field(name="field", default=UNSET)
    """
    What is looked at.
    """
    value: SegmentValue | UnsetType = UNSET
    rules: list[SegmentRule] | UnsetType = UNSET
    """
    The rules of a group.
    """


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


class Contact(Struct, kw_only=True):
    """
    A contact.
    """

    id: Id
    email: str
    """
    The address in lower case.
    """
    first_name: str | None
    """
    The first name; null where there is none.
    """
    last_name: str | None
    """
    The last name; null where there is none.
    """
    phone: str | None
    """
    The telephone number; null where there is none.
    """
    company: str | None
    """
    The company; null where there is none.
    """
    status: ContactStatus
    tags: ContactTags
    custom_fields: CustomFields
    source: str | None
    """
    Where it came from; null where nobody said.
    """
    created_at: datetime
    """
    When it was added.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


class ContactCreate(Struct, kw_only=True):
    """
    A new contact.
    """

    email: EmailAddress
    """
    The address. It is kept in lower case and belongs to one contact of the account.
    """
    first_name: PersonsName | UnsetType = UNSET
    last_name: PersonsName | UnsetType = UNSET
    phone: PhoneNumber | UnsetType = UNSET
    company: CompanyName | UnsetType = UNSET
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus = "subscribed"
    source: ContactSource | UnsetType = UNSET


class ContactHolder(Struct, kw_only=True):
    """
    One contact.
    """

    contact: Contact
    success: bool = True
    """
    Always true.
    """


class ContactUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays. `null` takes a value away. `tags` replaces the whole list; `custom_fields` changes the
    fields it names. The address cannot be changed.
    """

    first_name: PersonsName | None | UnsetType = UNSET
    """
    The first name; null takes it away.
    """
    last_name: PersonsName | None | UnsetType = UNSET
    """
    The last name; null takes it away.
    """
    phone: PhoneNumber | None | UnsetType = UNSET
    """
    The telephone number; null takes it away.
    """
    company: CompanyName | None | UnsetType = UNSET
    """
    The company; null takes it away.
    """
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus | UnsetType = UNSET
    source: ContactSource | None | UnsetType = UNSET
    """
    Where the contact came from; null takes it away.
    """


class ContactUpdateByEmail(Struct, kw_only=True):
    """
    Whom to change, and what; as `update_contact` otherwise.
    """

    email: EmailAddress
    """
    The contact's address. It says whom to change and is not changed.
    """
    first_name: PersonsName | None | UnsetType = UNSET
    """
    The first name; null takes it away.
    """
    last_name: PersonsName | None | UnsetType = UNSET
    """
    The last name; null takes it away.
    """
    phone: PhoneNumber | None | UnsetType = UNSET
    """
    The telephone number; null takes it away.
    """
    company: CompanyName | None | UnsetType = UNSET
    """
    The company; null takes it away.
    """
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus | UnsetType = UNSET
    source: ContactSource | None | UnsetType = UNSET
    """
    Where the contact came from; null takes it away.
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


class SegmentCriteria(Struct, kw_only=True):
    """
    The rules of a dynamic segment: all of them must hold (`AND`), or any (`OR`). Groups stand in groups up to five deep, with 50 rules in all.
    """

    operator: Literal["AND", "OR"]
    """
    Whether all rules must hold or any one.
    """
    rules: list[SegmentRule]
    """
    Rules and groups of rules.
    """


class SegmentUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays. `null` takes the description away.
    """

    name: SegmentName | UnsetType = UNSET
    description: SegmentDescription | None | UnsetType = UNSET
    """
    What it is for; null takes it away.
    """
    filter_criteria: SegmentCriteria | UnsetType = UNSET
    contact_ids: ContactIds | UnsetType = UNSET
    """
    The whole new list.
    """
    add_contact_ids: ContactIds | UnsetType = UNSET
    """
    Contacts to add to the list.
    """
    remove_contact_ids: ContactIds | UnsetType = UNSET
    """
    Contacts to take from the list; those that are not in it do not matter.
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


class ContactPage(Struct, kw_only=True):
    """
    A page of contacts.
    """

    contacts: list[Contact]
    """
    The contacts of this page.
    """
    pagination: Pagination
    success: bool = True
    """
    Always true.
    """
    contact: Contact | UnsetType = UNSET
    """
    The contact that `id` names; only where it is given.
    """


class SegmentPreview(Struct, kw_only=True):
    """
    Whom the segment reaches now.
    """

    segment_id: Id
    count: int
    """
    How many contacts it has, counted up to 1,000.
    """
    is_count_exact: bool
    """
    Whether that is all; false where there are more than 1000.
    """
    contacts: list[Contact]
    """
    Some of its contacts, at most ten.
    """
    success: bool = True
    """
    Always true.
    """


class Segment(Struct, kw_only=True):
    """
    A segment.
    """

    id: Id
    name: SegmentName
    description: str | None
    """
    What it is for; null where nobody said.
    """
    segment_type: SegmentType
    filter_criteria: SegmentCriteria | None
    """
    The rules; null for a static segment.
    """
    contact_count: int
    """
    How many contacts it had when it was last counted.
    """
    last_calculated_at: datetime
    """
    When it was last counted.
    """
    created_at: datetime
    """
    When it was made.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


class SegmentCreate(Struct, kw_only=True):
    """
    A new segment. A dynamic one needs `filter_criteria`, a static one may begin with `contact_ids`.
    """

    name: SegmentName
    description: SegmentDescription | UnsetType = UNSET
    segment_type: SegmentType = "dynamic"
    filter_criteria: SegmentCriteria | UnsetType = UNSET
    contact_ids: ContactIds | UnsetType = UNSET


class SegmentHolder(Struct, kw_only=True):
    """
    One segment.
    """

    segment: Segment
    success: bool = True
    """
    Always true.
    """


class SegmentList(Struct, kw_only=True):
    """
    A page of segments.
    """

    segments: list[Segment]
    """
    The segments of this page.
    """
    pagination: Pagination


class SegmentPage(Struct, kw_only=True):
    """
    A page of segments.
    """

    data: SegmentList
    success: bool = True
    """
    Always true.
    """
