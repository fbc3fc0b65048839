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


AccountEmail: TypeAlias = str
"""
The account's address; the operator's own may be of a local name such as operator@localhost.
"""


AliasDefault: TypeAlias = bool
"""
Whether it is the account's default. There is at most one; setting a second moves it.
"""


class AnalyticsPeriod(Struct, kw_only=True):
    """
    The time that was counted.
    """

    from_: datetime = field(name="from")
    """
    The first second of the first day.
    """
    to: datetime
    """
    The last second of the last day.
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


AttributionSource: TypeAlias = Literal["click", "open", "none"]
"""
`click` when a link was followed, `open` when a mail was only opened, `none` when no mail led to it.
"""


class AuditEntry(Struct, kw_only=True):
    """
    A change that was carried out, or a try to sign in.
    """

    operation: str
    """
    The operation's id in this document.
    """
    target: str
    """
    The path it was asked of.
    """
    key_id: str | None
    """
    The API key that asked; null for a browser session.
    """
    request_id: str
    """
    Finds it in the server's log.
    """
    outcome: Literal["done", "refused"]
    """
    Whether it was carried out; only `sign_in` is in the list where it was refused.
    """
    at: datetime
    """
    When it happened.
    """


class AutomationActivate(Struct, kw_only=True):
    """
    Whether it is to run.
    """

    active: bool = True
    """
    True to activate it
    """


class AutomationEventDetails(Struct, kw_only=True):
    """
    Which automation and contact.
    """

    automation_id: str
    """
    The automation.
    """
    contact_id: str
    """
    The contact.
    """
    timestamp: datetime
    """
    When it happened.
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


class BillingPeriod(Struct, kw_only=True):
    """
    The calendar month that is counted, in UTC.
    """

    start: datetime
    """
    Its first moment.
    """
    end: datetime
    """
    The first moment of the next.
    """


CampaignBodyText: TypeAlias = str
"""
The plain text body, with merge tags.
"""


class CampaignEventDetails(Struct, kw_only=True):
    """
    Which campaign.
    """

    campaign_id: str
    """
    The campaign.
    """
    name: str
    """
    Its name.
    """
    timestamp: datetime
    """
    When it happened.
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


CampaignSendTime: TypeAlias = datetime
"""
When to send it.
"""


CampaignStatus: TypeAlias = Literal["draft", "scheduled", "sending", "paused", "sent", "cancelled", "failed"]
"""
Where it stands: `draft` until it is scheduled, `scheduled` until its time, then `sending` and `sent`; `paused` waits to be resumed,
`cancelled` and `failed` are final.
"""


CompanyName: TypeAlias = str
"""
Where the person works.
"""


class ConnectionCheck(Struct, kw_only=True):
    """
    How one connection went.
    """

    ok: bool
    """
    Whether the server let us in.
    """
    error: str | None
    """
    Why not; null where it did.
    """


class ContactActivity(Struct, kw_only=True):
    """
    Something that happened to a contact, or to mail for its address, or that it did.
    """

    type: str
    """
    What happened: `created`, `imported`, `updated` and the statuses for the contact itself; `delivered`, `deferred`, `bounced`,
    `captured`, `suppressed` and the like for mail; `tracked` for what `track_event` recorded. New types may be added.
    """
    at: datetime
    """
    When.
    """
    message_id: str | None
    """
    The mail it happened to or came of; null where it was no mail.
    """
    data: dict[str, Any]
    """
    Particulars: which `fields` were updated, what the receiver replied, or the `event` that was tracked and its `properties`.
    """


class ContactEventDetails(Struct, kw_only=True):
    """
    Which contact.
    """

    contact_id: str
    """
    The contact.
    """
    email: str
    """
    Its address.
    """
    status: str
    """
    Whether it is mailed.
    """
    timestamp: datetime
    """
    When it happened.
    """


class ContactImportError(Struct, kw_only=True):
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


ContactImportRow: TypeAlias = dict[str, Any]
"""
One contact to add, with the fields of `create_contact`.
"""


class ContactImportSummary(Struct, kw_only=True):
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


ContactName: TypeAlias = str
"""
A name, on one line.
"""


ContactPhone: TypeAlias = str
"""
A telephone number, as it is written.
"""


ContactSource: TypeAlias = str
"""
Where the contact came from, in the account's own words.
"""


ContactStatus: TypeAlias = Literal["subscribed", "unsubscribed", "bounced", "complained"]
"""
`subscribed` receives mail. Who becomes anything else has his address suppressed for that reason; who becomes `subscribed` again by an
update has that suppression lifted, but none of another reason.
"""


ContactTag: TypeAlias = str
"""
A word to find contacts by. Case makes no difference; it is kept as it was first written.
"""


ContactTags: TypeAlias = list[ContactTag]
"""
The contact's tags, sorted.
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


Currency: TypeAlias = Literal[
    "AED",
    "AFN",
    "ALL",
    "AMD",
    "AOA",
    "ARS",
    "AUD",
    "AWG",
    "AZN",
    "BAM",
    "BBD",
    "BDT",
    "BGN",
    "BHD",
    "BIF",
    "BMD",
    "BND",
    "BOB",
    "BOV",
    "BRL",
    "BSD",
    "BTN",
    "BWP",
    "BYN",
    "BZD",
    "CAD",
    "CDF",
    "CHE",
    "CHF",
    "CHW",
    "CLF",
    "CLP",
    "CNY",
    "COP",
    "COU",
    "CRC",
    "CUP",
    "CVE",
    "CZK",
    "DJF",
    "DKK",
    "DOP",
    "DZD",
    "EGP",
    "ERN",
    "ETB",
    "EUR",
    "FJD",
    "FKP",
    "GBP",
    "GEL",
    "GHS",
    "GIP",
    "GMD",
    "GNF",
    "GTQ",
    "GYD",
    "HKD",
    "HNL",
    "HTG",
    "HUF",
    "IDR",
    "ILS",
    "INR",
    "IQD",
    "IRR",
    "ISK",
    "JMD",
    "JOD",
    "JPY",
    "KES",
    "KGS",
    "KHR",
    "KMF",
    "KPW",
    "KRW",
    "KWD",
    "KYD",
    "KZT",
    "LAK",
    "LBP",
    "LKR",
    "LRD",
    "LSL",
    "LYD",
    "MAD",
    "MDL",
    "MGA",
    "MKD",
    "MMK",
    "MNT",
    "MOP",
    "MRU",
    "MUR",
    "MVR",
    "MWK",
    "MXN",
    "MXV",
    "MYR",
    "MZN",
    "NAD",
    "NGN",
    "NIO",
    "NOK",
    "NPR",
    "NZD",
    "OMR",
    "PAB",
    "PEN",
    "PGK",
    "PHP",
    "PKR",
    "PLN",
    "PYG",
    "QAR",
    "RON",
    "RSD",
    "RUB",
    "RWF",
    "SAR",
    "SBD",
    "SCR",
    "SDG",
    "SEK",
    "SGD",
    "SHP",
    "SLE",
    "SOS",
    "SRD",
    "SSP",
    "STN",
    "SVC",
    "SYP",
    "SZL",
    "THB",
    "TJS",
    "TMT",
    "TND",
    "TOP",
    "TRY",
    "TTD",
    "TWD",
    "TZS",
    "UAH",
    "UGX",
    "USD",
    "USN",
    "UYI",
    "UYU",
    "UYW",
    "UZS",
    "VED",
    "VES",
    "VND",
    "VUV",
    "WST",
    "XAF",
    "XCD",
    "XCG",
    "XOF",
    "XPF",
    "YER",
    "ZAR",
    "ZMW",
    "ZWG",
]
"""
A currency by its code (ISO 4217). Those without minor units, such as gold and the codes for tests, are left out.
"""


CustomFieldValue: TypeAlias = str | int | float | bool | None
"""
Text on one line, a number, true or false; null takes the field away.
"""


CustomFields: TypeAlias = dict[str, CustomFieldValue]
"""
The account's own fields, by name. Merge tags and segments reach them as `custom_fields.<name>`.
"""


CustomHeaders: TypeAlias = dict[str, str]
"""
Header fields to add. Those that servers write themselves, or that ask others for an answer, are refused.
"""


DateOrTime: TypeAlias = str
"""
A day, or a moment of it.
"""


DelayMinutes: TypeAlias = int
"""
How long after the step before it; 0 is at once.
"""


DeviceToken: TypeAlias = str
"""
A device's token, as its app got it from the push service.
"""


DisplayName: TypeAlias = str
"""
A display name, on one line.
"""


DnsRecordStatus: TypeAlias = Literal["pending", "valid", "invalid", "missing"]
"""
What the last look-up saw: `valid`; `invalid`, where there is a record that says something else; `missing`, where there is none; `pending`
until the first look-up that was answered.
"""


DomainName: TypeAlias = str
"""
A domain name with at least two labels, in any case; an internationalised one as it is written or in its xn-- form (RFC 5891).
"""


class DomainProof(Struct, kw_only=True):
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


DomainStatus: TypeAlias = Literal["pending", "verified", "failed"]
"""
`pending` until it was verified once; `failed` when it was and is no more.
"""


DottedName: TypeAlias = str
"""
Letters, digits, dots, _ and -.
"""


EmailAddress: TypeAlias = str
"""
An e-mail address in ASCII (an internationalised domain in its xn-- form).
"""


class EmailBouncedEventDetails(Struct, kw_only=True):
    """
    Which mail, and why.
    """

    message_id: str
    """
    The message.
    """
    email: str
    """
    The recipient.
    """
    campaign_id: str | None
    """
    The campaign; null where there is none.
    """
    timestamp: datetime
    """
    When it happened.
    """
    bounce_type: Literal["hard", "soft"]
    """
    `hard` when there is no such mailbox.
    """
    bounce_code: str | None
    """
    The SMTP reply code; null where there was none.
    """
    bounce_message: str | None
    """
    What the receiver said; null where it said nothing.
    """


class EmailClickedEventDetails(Struct, kw_only=True):
    """
    Which mail, and where to.
    """

    message_id: str
    """
    The message.
    """
    email: str
    """
    The recipient.
    """
    campaign_id: str | None
    """
    The campaign; null where there is none.
    """
    timestamp: datetime
    """
    When it happened.
    """
    url: str
    """
    Where the link leads.
    """
    user_agent: str | None
    """
    What the program calls itself; null where it does not say.
    """


class EmailEventDetails(Struct, kw_only=True):
    """
    Which mail.
    """

    message_id: str
    """
    The message.
    """
    email: str
    """
    The recipient.
    """
    campaign_id: str | None
    """
    The campaign; null where there is none.
    """
    timestamp: datetime
    """
    When it happened.
    """


class EmailOpenedEventDetails(Struct, kw_only=True):
    """
    Which mail, and with what.
    """

    message_id: str
    """
    The message.
    """
    email: str
    """
    The recipient.
    """
    campaign_id: str | None
    """
    The campaign; null where there is none.
    """
    timestamp: datetime
    """
    When it happened.
    """
    user_agent: str | None
    """
    What the program calls itself; null where it does not say.
    """


EmailSubject: TypeAlias = str
"""
The subject line.
"""


ErrorCode: TypeAlias = Literal[
    "validation_failed",
    "malformed_body",
    "unauthenticated",
    "invalid_credentials",
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
    "connection_refused",
    "channel_refused",
    "rate_limited",
    "internal_error",
    "unavailable",
    "queue_full",
]
"""
The reason, for programs.
"""


class ErrorDetails(Struct, kw_only=True):
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


EventId: TypeAlias = str
"""
The event's id; the same in every repeat.
"""


EventName: TypeAlias = str
"""
What happened, in the account's own words.
"""


EventProperty: TypeAlias = str | int | float | bool | None
"""
Text, a number, true, false or null.
"""


EventType: TypeAlias = Literal[
    "email.sent",
    "email.delivered",
    "email.opened",
    "email.clicked",
    "email.bounced",
    "email.complained",
    "email.unsubscribed",
    "email.received",
    "campaign.sent",
    "campaign.completed",
    "contact.created",
    "contact.updated",
    "automation.completed",
]
"""
What happened.
"""


EventTypes: TypeAlias = list[EventType]
"""
Which events are posted.
"""


ExitCondition: TypeAlias = Literal[
    "unsubscribed", "bounced", "complained", "replied", "clicked", "purchased", "tag_removed", "segment_left"
]
"""
What ends an enrollment early.
"""


HmacHex: TypeAlias = str
"""
An HMAC-SHA256 in hexadecimal digits.
"""


HttpsEndpoint: TypeAlias = str
"""
An https address without user name and password; on the same machine, http will do.
"""


HttpsUrl: TypeAlias = str
"""
An https address.
"""


Id: TypeAlias = str
"""
An opaque id.
"""


IdempotencyKey: TypeAlias = str
"""
A word of the caller's that names this call, such as the order it is about.
"""


InboundWebhookSecret: TypeAlias = str
"""
What signs each post (HMAC-SHA256). Made by the server when none is given.
"""


InboundWebhookUrl: TypeAlias = HttpsEndpoint
"""
An https address that takes each message in a POST, without user name and password. On the same machine, http will do.
"""


IpPool: TypeAlias = Literal["transactional", "marketing", "newsletter"]
"""
The kind of mail, and so the pool of IP addresses that it leaves from.
"""


KeyName: TypeAlias = str
"""
What the key is for.
"""


class LinkMetrics(Struct, kw_only=True):
    """
    A link of the campaign.
    """

    url: str
    """
    Where it leads.
    """
    clicks: int
    """
    Clicks by people.
    """
    unique_clicks: int
    """
    First clicks by people, counted once for each mail.
    """


MailServerHost: TypeAlias = str
"""
A server's name or address.
"""


class Mailbox(Struct, kw_only=True):
    """
    An address with the name that stands before it.
    """

    email: EmailAddress
    name: DisplayName | UnsetType = UNSET


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

    type: Literal[
        "accepted",
        "deferred",
        "delivered",
        "captured",
        "bounced",
        "suppressed",
        "ambiguous",
        "complained",
        "unsubscribed",
        "opened",
        "clicked",
    ]
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


MessageState: TypeAlias = Literal["scheduled", "queued", "delivered", "partly_delivered", "captured", "bounced", "suppressed", "ambiguous"]
"""
Where the message stands as a whole: `scheduled`, `queued` (a recipient is still due), `delivered`, `captured`, `bounced`,
`suppressed` (every recipient), `ambiguous` (every recipient may have it), or `partly_delivered`.
"""


Money: TypeAlias = float
"""
A sum in the currency's unit, such as 49.99 for 49 euros and 99 cents.
"""


MultiLineText: TypeAlias = str
"""
Text of any number of lines.
"""


class MxRecord(Struct, kw_only=True):
    """
    The MX record to publish.
    """

    host: str
    """
    The whole name, without a final dot.
    """
    value: str
    """
    The host that takes the mail.
    """
    priority: int
    """
    Its preference.
    """
    type: Literal["MX"] = "MX"
    """
    The record's type.
    """


OrderId: TypeAlias = str
"""
The order, as the shop names it. An account's order is one purchase.
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


Password: TypeAlias = str
"""
A password; length counts, not the kinds of characters.
"""


class PasswordReset(Struct, kw_only=True):
    """
    Whose password was forgotten.
    """

    email: AccountEmail


class PasswordResetConfirm(Struct, kw_only=True):
    """
    The mailed token and the password to set.
    """

    token: str
    """
    The token from the mail.
    """
    password: Password


PhoneNumber: TypeAlias = str
"""
A phone number in E.164, with its `+`; blanks, dots, hyphens and brackets between the digits are left out.
"""


class Plan(Struct, kw_only=True):
    """
    The account's plan.
    """

    slug: str
    """
    Its short name.
    """
    name: str
    """
    Its name.
    """


class PlanAllowance(Struct, kw_only=True):
    """
    One allowance of the plan.
    """

    feature: str
    """
    Its name
    """
    used: int
    """
    Used so far.
    """
    limit: int | None
    """
    What the plan allows; null is unlimited.
    """
    remaining: int | None
    """
    What is left; null is unlimited.
    """
    resets_at: datetime | None
    """
    When it is counted anew; null when it is not.
    """


class PlanLimits(Struct, kw_only=True):
    """
    What the plan allows; null is unlimited.
    """

    emails_per_month: int | None
    """
    E-mails a month.
    """
    contacts: int | None
    """
    Contacts that are kept.
    """
    campaigns_per_month: int | None
    """
    Campaigns a month.
    """
    templates: int | None
    """
    Templates that are kept.
    """
    automations: int | None
    """
    Automations that are kept.
    """
    custom_domains: int | None
    """
    Sending domains.
    """
    dedicated_ips: int | None
    """
    Dedicated addresses.
    """
    api_keys: int | None
    """
    API keys.
    """


class PlanUsage(Struct, kw_only=True):
    """
    What is used of the plan in this billing period.
    """

    emails_sent: int
    """
    E-mails this month.
    """
    contacts: int
    """
    Contacts.
    """
    campaigns: int
    """
    Campaigns this month.
    """
    templates: int
    """
    Templates.
    """
    automations: int
    """
    Automations.
    """
    custom_domains: int
    """
    Sending domains.
    """
    dedicated_ips: int
    """
    Dedicated addresses.
    """
    api_keys: int
    """
    API keys that are not revoked.
    """


PrintableAscii: TypeAlias = str
"""
Printable ASCII without blanks.
"""


class PurchaseItem(Struct, kw_only=True):
    """
    One position of the order.
    """

    name: str
    """
    What it is.
    """
    quantity: int
    """
    How many.
    """
    price: Money
    """
    The price of one, in the currency's unit. It is kept as it is given and not added up.
    """
    id: str | UnsetType = UNSET
    """
    The article, as the shop names it.
    """


class PurchaseTrack(Struct, kw_only=True):
    """
    What somebody bought.
    """

    email: EmailAddress
    """
    Who bought it; case makes no difference. It need not be a contact.
    """
    order_id: OrderId
    amount: Money | UnsetType = UNSET
    """
    What it cost in all, in the currency's unit, with no more decimals than the currency has: 49.99 EUR, 5000 JPY, 1.125 KWD.
    """
    currency: Currency = "USD"
    items: list[PurchaseItem] | UnsetType = UNSET
    """
    The positions of the order.
    """
    timestamp: datetime | UnsetType = UNSET
    """
    When; now without it.
    """
    idempotency_key: IdempotencyKey | UnsetType = UNSET
    total_cents: int | UnsetType = UNSET
    """
    What it cost in all, in the currency's minor unit: 4999 for 49.99 EUR, 5000 for 5000 JPY. Use amount.
    """


PushKey: TypeAlias = str
"""
A key in base64url.
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


PushLink: TypeAlias = HttpsUrl
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

    endpoint: HttpsUrl
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


Rate: TypeAlias = float
"""
A fraction of the sends.
"""


class ReceivedAttachment(Struct, kw_only=True):
    """
    A file of a received mail.
    """

    filename: str
    """
    Its name.
    """
    content_type: str
    """
    Its media type.
    """
    content: str
    """
    The file, in base64.
    """


RecipientState: TypeAlias = Literal[
    "pending", "leased", "deferred", "delivered", "captured", "bounced", "suppressed", "cancelled", "ambiguous"
]
"""
Where one recipient stands. `ambiguous` is marketing mail that the receiver may have: the connection or the worker was lost between
the end of the mail and the answer to it. Transactional mail is sent again then, with the same Message-ID.
"""


class RelayAddresses(Struct, kw_only=True):
    """
    The address for each provider.
    """

    ses: str
    """
    For Amazon SES, by SNS.
    """
    sendgrid: str
    """
    For SendGrid's event webhook.
    """
    mailgun: str
    """
    For Mailgun's webhooks.
    """
    postmark: str
    """
    For Postmark's bounce and spam complaint webhooks.
    """


RelayProvider: TypeAlias = Literal["ses", "sendgrid", "mailgun", "postmark"]
"""
A relay that reports.
"""


RelayReport: TypeAlias = dict[str, Any] | list[dict[str, Any]]
"""
A report in the provider's own form.
"""


ReturnUrl: TypeAlias = str
"""
A page of the caller's.
"""


ReverseDnsName: TypeAlias = str
"""
The host that the address names in reverse (its PTR record); the operator publishes it.
"""


class SandboxCheck(Struct, kw_only=True):
    """
    What a look at the mail, as it would be sent, has found. Nobody is asked for it, so links are not followed.
    """

    check: Literal["subject", "signature", "text", "size", "links", "images", "merge_tags", "unsubscribe", "headers"]
    """
    What was looked at.
    """
    status: Literal["ok", "warning", "problem"]
    """
    `problem` where receivers will refuse or people cannot use it, `warning` where they may mind.
    """
    detail: str
    """
    What was found, in a sentence.
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
    The addresses of all recipients: to, cc and bcc; of a campaign the first 200.
    """
    subject: str
    """
    The subject line of this copy.
    """
    body_html: str | None
    """
    The HTML body of this copy; null where there is none.
    """
    body_text: str | None
    """
    The plain text body of this copy; null where there is none.
    """
    headers: dict[str, str]
    """
    The header fields of this copy, decoded. The values of one that is repeated are joined by line breaks. DKIM signatures are made
    where one mail is asked for, not for a page.
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


class SessionAccount(Struct, kw_only=True):
    """
    The account that is signed in.
    """

    id: Id
    email: str
    """
    The account's address.
    """
    plan: str
    """
    The plan's short name.
    """
    expires_at: datetime
    """
    When the session ends by itself.
    """


class SessionResponse(Struct, kw_only=True):
    """
    Who is signed in.
    """

    account: SessionAccount
    success: bool = True
    """
    Always true.
    """


ShortText: TypeAlias = str
"""
A name on one line.
"""


class SignIn(Struct, kw_only=True):
    """
    Who signs in.
    """

    email: AccountEmail
    password: str
    """
    The account's password.
    """


SingleLineText: TypeAlias = str
"""
Text on one line.
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


class Subscription(Struct, kw_only=True):
    """
    The account's subscription.
    """

    plan: str
    """
    The plan's short name.
    """
    status: Literal["active", "pending"]
    """
    `pending` while an order waits for the operator's word.
    """
    trial_ends_at: datetime | None
    """
    Always null here; there are no trials.
    """
    current_period: BillingPeriod
    cancel_at_period_end: bool
    """
    Always false here; plans do not end by themselves.
    """
    overage_enabled: bool
    """
    Always false here; what is over the plan is refused.
    """
    ordered_plan: str | None
    """
    The plan that was ordered and waits; null where none does.
    """


SuppressionReason: TypeAlias = Literal["bounced", "complained", "unsubscribed", "manual"]
"""
Why the address is not mailed.
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


class TimelineBucket(Struct, kw_only=True):
    """
    One hour or day.
    """

    at: datetime
    """
    When it began.
    """
    sends: int
    """
    Mails that receivers took or refused for good.
    """
    delivered: int
    """
    Mails that receivers took.
    """
    opens: int
    """
    Opens by people.
    """
    unique_opens: int
    """
    First opens by people.
    """
    clicks: int
    """
    Clicks by people.
    """
    unique_clicks: int
    """
    First clicks by people.
    """
    bounces: int
    """
    Mails that receivers refused for good.
    """
    complaints: int
    """
    Recipients who called it spam.
    """
    unsubscribes: int
    """
    Recipients who want no more.
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
    tag: ShortText | UnsetType = UNSET
    """
    The tag.
    """
    segment_id: Id | UnsetType = UNSET
    """
    The segment.
    """
    event: ShortText | UnsetType = UNSET
    """
    The event's name.
    """
    field_: ShortText | UnsetType = field(name="field", default=UNSET)
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


UncheckedAddress: TypeAlias = str
"""
What somebody wrote for an e-mail address; it may be none.
"""


UnixTime: TypeAlias = str
"""
Seconds since 1970.
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


UpdateExisting: TypeAlias = bool
"""
Whether contacts that are there already are changed: fields that a row gives replace the old ones, tags and custom fields are added.
Without it they are skipped. A contact that is unsubscribed, bounced or complained keeps its status either way.
"""


class UpdateFieldStep(Struct, kw_only=True, tag_field="type", tag="update_field"):
    """
    Sets a field of the contact.
    """

    field_: ShortText = field(name="field")
    """
    The field.
    """
    value: StepValue
    """
    Its new value.
    """
    delay_minutes: DelayMinutes = 0


class UpgradePlan(Struct, kw_only=True):
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


class UpgradeUrls(Struct, kw_only=True):
    """
    Pages for people.
    """

    pricing: str
    """
    Where to choose another plan.
    """


class UpgradeUsage(Struct, kw_only=True):
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


UrlSafeText: TypeAlias = str
"""
Letters, digits, _ and -.
"""


class ValidationChecks(Struct, kw_only=True):
    """
    What was checked.
    """

    syntax: bool
    """
    Whether it is written as an address is (RFC 5321), at a name that is not reserved (RFC 6761).
    """
    mx: bool | None
    """
    Whether its domain takes mail: it has an MX record that names a host (RFC 7505), or else an address. Null when that is not known.
    """
    smtp: None
    """
    Always null: no mail server is asked.
    """
    disposable: bool
    """
    Whether its domain gives out addresses to be thrown away.
    """
    role_account: bool
    """
    Whether it is an office's rather than a person's, such as info@.
    """
    free_provider: bool
    """
    Whether anybody can get an address there for nothing.
    """


ValidationStatus: TypeAlias = Literal["valid", "risky", "invalid", "unknown"]
"""
`valid`: mail should arrive. `risky`: it may, but the address is disposable, shared by several people, or looks mistyped. `invalid`: it cannot.
`unknown`: the DNS did not answer; try again later.
"""


class ValidationSummary(Struct, kw_only=True):
    """
    How many there are of each status.
    """

    total: int
    """
    All of them.
    """
    valid: int
    """
    Valid ones.
    """
    risky: int
    """
    Risky ones.
    """
    invalid: int
    """
    Invalid ones.
    """
    unknown: int
    """
    Those the DNS did not tell about.
    """


class WaitStep(Struct, kw_only=True, tag_field="type", tag="wait"):
    """
    Does nothing for a while.
    """

    delay_minutes: DelayMinutes = 0
    """
    How long.
    """


WarmupStatus: TypeAlias = Literal["not_started", "warming", "active", "paused"]
"""
`not_started` while there is no address; `warming` for 30 days, in which the address may send only so many mails a day; then `active`. `paused` where
`warmup_enabled` is false before that: the days go on, and nothing limits the address.
"""


class Webhook(Struct, kw_only=True):
    """
    A webhook without its secret.
    """

    id: Id
    url: str
    """
    Where events are posted.
    """
    events: list[EventType]
    """
    Which events are posted.
    """
    active: bool
    """
    Whether events are posted.
    """
    created_at: datetime
    """
    When it was made.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


WebhookDeliveryState: TypeAlias = Literal["pending", "delivered", "failed"]
"""
`pending` is to be tried, also again; `failed` is given up.
"""


class WebhookResponse(Struct, kw_only=True):
    """
    The webhook.
    """

    webhook: Webhook
    success: bool = True
    """
    Always true.
    """


WebhookSecret: TypeAlias = str
"""
Signs the posts.
"""


class WebhookSecretRotate(Struct, kw_only=True):
    """
    The secret to set; one is made where none is given.
    """

    secret: WebhookSecret | UnsetType = UNSET


class WebhookStep(Struct, kw_only=True, tag_field="type", tag="webhook"):
    """
    Posts the contact to a URL.
    """

    url: HttpsUrl
    """
    Where to.
    """
    delay_minutes: DelayMinutes = 0


WebhookUrl: TypeAlias = str
"""
Where events are posted, by https; a name and a password in it are refused.
"""


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


class SendEmailParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `send_email`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
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


class TemplateList(Struct, kw_only=True):
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
    Query, header and cookie parameters of `list_templates`.
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


class TemplateRenderResponse(Struct, kw_only=True):
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
    Query, header and cookie parameters of `list_campaigns`.
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


class CampaignSendResponse(Struct, kw_only=True):
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
    Query, header and cookie parameters of `send_campaign`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class ListAutomationsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_automations`.
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
    Query, header and cookie parameters of `list_automation_enrollments`.
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
    Query, header and cookie parameters of `list_ab_tests`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class WhatsappSendResponse(Struct, kw_only=True):
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
    Query, header and cookie parameters of `send_whatsapp`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class PushSendResponse(Struct, kw_only=True):
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
    Query, header and cookie parameters of `send_push`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class ListContactsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_contacts`.
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
    Query, header and cookie parameters of `delete_contact_by_query`.
    """

    id: Id
    """
    The contact's id.
    """


class ContactImportResponse(Struct, kw_only=True):
    """
    What became of the rows.
    """

    summary: ContactImportSummary
    errors: list[ContactImportError]
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
    Query, header and cookie parameters of `import_contacts`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
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
    Query, header and cookie parameters of `export_contacts`.
    """

    status: ContactStatus | UnsetType = UNSET
    """
    Only contacts of this status.
    """
    segment_id: Id | UnsetType = UNSET
    """
    Only contacts of this segment.
    """


class ContactActivityList(Struct, kw_only=True):
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
    Query, header and cookie parameters of `list_contact_activity`.
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
    Query, header and cookie parameters of `list_segments`.
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


class SegmentMemberList(Struct, kw_only=True):
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
    Query, header and cookie parameters of `list_segment_members`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class SandboxSendList(Struct, kw_only=True):
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
    Query, header and cookie parameters of `list_sandbox_sends`.
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
    Query, header and cookie parameters of `send_to_sandbox`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class SandboxSendResponse(Struct, kw_only=True):
    """
    The captured mail.
    """

    send: SandboxSend
    checks: list[SandboxCheck]
    """
    What was looked at, each check once, in the order of their names in the document.
    """
    raw: str | None
    """
    The whole mail as it would go over the wire; null for one of more than 1,000,000 bytes and where no correct mail can be made.
    """
    success: bool = True
    """
    Always true.
    """


class GetSandboxSendParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_sandbox_send`.
    """

    recipient: str | UnsetType = UNSET
    """
    Whose copy, by the address; the first recipient's without it.
    """


class ListDomainsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_domains`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 100
    """
    How many to a page. There are seldom more than one page has.
    """


class DomainDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class ListDomainsUnversionedParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_domains_unversioned`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 100
    """
    How many to a page. There are seldom more than one page has.
    """


class ListAliasesParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_aliases`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 100
    """
    How many to a page. There are seldom more than one page has.
    """


class AliasDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class ListInboundDomainsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_inbound_domains`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 100
    """
    How many to a page. There are seldom more than one page has.
    """


class InboundDomainDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class GetValidationParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_validation`.
    """

    email: UncheckedAddress | UnsetType = UNSET
    """
    The address. Needed, unless `address` is given.
    """
    address: UncheckedAddress | UnsetType = UNSET
    """
    Use email.
    """


class ListDedicatedIpsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_dedicated_ips`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 100
    """
    How many to a page. There are seldom more than one page has.
    """


class DedicatedIpDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class KeyCreateResponse(Struct, kw_only=True):
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
    Query, header and cookie parameters of `delete_key_by_query`.
    """

    id: Id
    """
    The key's id.
    """


class ListSuppressionsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_suppressions`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """
    reason: SuppressionReason | UnsetType = UNSET
    """
    Only those of this reason.
    """
    search: str | UnsetType = UNSET
    """
    Only addresses that begin with this, in any case.
    """


class SuppressionDeleted(Struct, kw_only=True):
    """
    Which address.
    """

    email: str
    """
    The address, in lower case.
    """
    success: bool = True
    """
    Always true.
    """


class GetAnalyticsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_analytics`.
    """

    start_date: DateOrTime | UnsetType = UNSET
    """
    The first day, in UTC; 30 days before the last without it.
    """
    end_date: DateOrTime | UnsetType = UNSET
    """
    The last day, in UTC; today without it.
    """
    campaign_id: Id | UnsetType = UNSET
    """
    Only mail of this campaign.
    """
    group_by: Literal["hour", "day"] | UnsetType = UNSET
    """
    Adds a timeline with a row for each hour or day.
    """


class GetAnalyticsOverviewParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_analytics_overview`.
    """

    period: Literal["7d", "30d", "90d", "365d"] = "30d"
    """
    The days up to now.
    """
    from_: DateOrTime | UnsetType = UNSET
    """
    The first day, in UTC, or a moment whose day it is.
    """
    to: DateOrTime | UnsetType = UNSET
    """
    The last day, in UTC, or a moment whose day it is; today without it.
    """
    campaign_id: Id | UnsetType = UNSET
    """
    Only mail of this campaign.
    """
    group_by: Literal["hour", "day"] | UnsetType = UNSET
    """
    Adds a timeline with a row for each hour or day.
    """


class WebhookList(Struct, kw_only=True):
    """
    A page of webhooks.
    """

    webhooks: list[Webhook]
    """
    Newest first.
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


class ListWebhooksParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_webhooks`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class WebhookCreateResponse(Struct, kw_only=True):
    """
    The new webhook and its secret.
    """

    webhook: Webhook
    secret: str
    """
    The secret. It cannot be shown again.
    """
    success: bool = True
    """
    Always true.
    """


class RelayAddressesResponse(Struct, kw_only=True):
    """
    An address for each provider.
    """

    addresses: RelayAddresses
    success: bool = True
    """
    Always true.
    """


class RelayReportResponse(Struct, kw_only=True):
    """
    What was made of it.
    """

    events: int
    """
    How many bounces, complaints and unsubscriptions it held.
    """
    success: bool = True
    """
    Always true.
    """


class WebhookDeleted(Struct, kw_only=True):
    """
    What was deleted.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class WebhookAttemptResponse(Struct, kw_only=True):
    """
    How the attempt went.
    """

    delivery_id: Id
    delivered: bool
    """
    Whether the receiver answered with a success.
    """
    status_code: int | None
    """
    What it answered; null where it did not.
    """
    error: str | None
    """
    What went wrong; null where nothing did.
    """
    success: bool = True
    """
    Always true, also when the receiver refused.
    """


class WebhookSecretRotateResponse(Struct, kw_only=True):
    """
    The new secret.
    """

    secret: str
    """
    The secret. It cannot be shown again.
    """
    success: bool = True
    """
    Always true.
    """


class ListWebhookDeliveriesParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_webhook_deliveries`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """
    state: WebhookDeliveryState | UnsetType = UNSET
    """
    Only those in this state.
    """


class GetCampaignAnalyticsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_campaign_analytics`.
    """

    group_by: Literal["hour", "day"] = "day"
    """
    What a row of the timeline is.
    """


class EventTrackResponse(Struct, kw_only=True):
    """
    The event that was recorded.
    """

    event_id: Id
    success: bool = True
    """
    Always true.
    """


class TrackPurchaseParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `track_purchase`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes a repeat of this call harmless: for seven days the same key answers what the first call answered, with `idempotent: true`.
    `idempotency_key` in the body does the same and wins over this header.
    """


class UsageResponse(Struct, kw_only=True):
    """
    This month's usage.
    """

    plan: str
    """
    The plan's short name.
    """
    billing_period: BillingPeriod
    usage: PlanUsage
    limits: PlanLimits
    success: bool = True
    """
    Always true.
    """


class PlanResponse(Struct, kw_only=True):
    """
    The plan and its allowances.
    """

    plan: Plan
    usage: list[PlanAllowance]
    """
    Each allowance.
    """
    success: bool = True
    """
    Always true.
    """


class AuditEntryList(Struct, kw_only=True):
    """
    A page of changes, newest first.
    """

    entries: list[AuditEntry]
    """
    Newest first.
    """
    pagination: Pagination
    success: bool = True
    """
    Always true.
    """


class ListAuditEntriesParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_audit_entries`.
    """

    page: int = 1
    """
    Which page, counted from 1. A page past the end is empty.
    """
    limit: int = 20
    """
    How many to a page.
    """


class AccountDeleted(Struct, kw_only=True):
    """
    What was disconnected.
    """

    id: Id
    success: bool = True
    """
    Always true.
    """


class SubscriptionResponse(Struct, kw_only=True):
    """
    The subscription.
    """

    subscription: Subscription
    limits: PlanLimits
    usage: PlanUsage
    success: bool = True
    """
    Always true.
    """


class BillingUrlResponse(Struct, kw_only=True):
    """
    Where to go on.
    """

    url: str
    """
    A page for people.
    """
    success: bool = True
    """
    Always true.
    """


class SignOutResponse(Struct, kw_only=True):
    """
    That it is over.
    """

    success: bool = True
    """
    Always true.
    """


class PasswordResetResponse(Struct, kw_only=True):
    """
    That it was taken.
    """

    success: bool = True
    """
    Always true.
    """


class PasswordResetConfirmResponse(Struct, kw_only=True):
    """
    That it is set.
    """

    success: bool = True
    """
    Always true.
    """


class HealthResponse(Struct, kw_only=True):
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


class ReadinessResponse(Struct, kw_only=True):
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


class AbTestVariant(Struct, kw_only=True):
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


class AbTestVariantCreate(Struct, kw_only=True):
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
    from_name: DisplayName | UnsetType = UNSET
    """
    The sender's name.
    """


class AbTestWinnerChoice(Struct, kw_only=True):
    """
    Which variant won.
    """

    variant_id: Id
    """
    The variant's id.
    """


class Account(Struct, kw_only=True):
    """
    A connected e-mail account.
    """

    id: Id
    email: str
    """
    The account's address.
    """
    name: str | None
    """
    The display name; null where none was given.
    """
    imap_host: str
    """
    Where its mail is read.
    """
    imap_port: int
    """
    The port of IMAP.
    """
    smtp_host: str
    """
    Where its mail is sent.
    """
    smtp_port: int
    """
    The port of SMTP.
    """
    sync_status: Literal["pending", "syncing", "synced", "error"]
    """
    How the latest connection went.
    """
    is_default: bool
    """
    Whether it is the one to send from where none is named.
    """
    created_at: datetime
    """
    When it was connected.
    """


class AccountCreate(Struct, kw_only=True):
    """
    An e-mail account to connect.
    """

    email: EmailAddress
    """
    The account's address.
    """
    imap_host: MailServerHost
    """
    Where its mail is read.
    """
    imap_port: int
    """
    993 speaks TLS from the start, others upgrade by STARTTLS.
    """
    smtp_host: MailServerHost
    """
    Where its mail is sent.
    """
    smtp_port: int
    """
    465 speaks TLS from the start, others upgrade by STARTTLS.
    """
    username: str
    """
    The name to log in with.
    """
    password: str
    """
    The password to log in with; stored encrypted and never answered.
    """
    name: DisplayName | UnsetType = UNSET


class AddTagStep(Struct, kw_only=True, tag_field="type", tag="add_tag"):
    """
    Gives the contact a tag.
    """

    tag: ShortText
    """
    The tag.
    """
    delay_minutes: DelayMinutes = 0


class AddressValidate(Struct, kw_only=True):
    """
    Either one address or many.
    """

    email: UncheckedAddress | UnsetType = UNSET
    emails: list[UncheckedAddress] | UnsetType = UNSET
    """
    The addresses.
    """


class Alias(Struct, kw_only=True):
    """
    A From address.
    """

    id: Id
    email: str
    """
    The address in lower case.
    """
    name: str | None
    """
    The display name; null where there is none.
    """
    is_default: AliasDefault
    is_verified: bool
    """
    Whether the address, or its domain, is a verified sender now.
    """
    ip_pool: IpPool
    created_at: datetime
    """
    When it was added.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


class AliasCreate(Struct, kw_only=True):
    """
    A From address.
    """

    email: EmailAddress
    """
    On a verified domain or of a connected account. Kept in lower case.
    """
    name: DisplayName | UnsetType = UNSET
    is_default: AliasDefault = False
    ip_pool: IpPool = "transactional"


class AliasResponse(Struct, kw_only=True):
    """
    The alias.
    """

    alias: Alias
    success: bool = True
    """
    Always true.
    """


class AliasUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays.
    """

    name: DisplayName | None | UnsetType = UNSET
    """
    A display name; null takes it away.
    """
    is_default: AliasDefault | UnsetType = UNSET
    ip_pool: IpPool | UnsetType = UNSET


class AnalyticsCampaign(Struct, kw_only=True):
    """
    Which campaign it is.
    """

    id: Id
    name: str
    """
    Its name.
    """
    status: str
    """
    Where it stands.
    """
    sent_at: datetime | None
    """
    When every mail was queued; null before.
    """


class AnalyticsMetrics(Struct, kw_only=True):
    """
    What became of the mail.
    """

    sends: int
    """
    Mails that receivers took or refused for good: `delivered` and `bounces` together.
    """
    delivered: int
    """
    Mails that receivers took.
    """
    opens: int
    """
    Opens by people.
    """
    unique_opens: int
    """
    First opens by people, counted once for each mail.
    """
    clicks: int
    """
    Clicks by people.
    """
    unique_clicks: int
    """
    First clicks by people, counted once for each mail.
    """
    machine_opens: int
    """
    Opens by programs.
    """
    machine_clicks: int
    """
    Clicks by programs.
    """
    bounces: int
    """
    Mails that receivers refused for good.
    """
    hard_bounces: int
    """
    Bounces because there is no such mailbox.
    """
    soft_bounces: int
    """
    Bounces for another reason.
    """
    complaints: int
    """
    Recipients who called it spam.
    """
    unsubscribes: int
    """
    Recipients who want no more.
    """
    open_rate: Rate
    """
    Unique opens over sends.
    """
    click_rate: Rate
    """
    Unique clicks over sends.
    """
    bounce_rate: Rate
    """
    Bounces over sends.
    """
    complaint_rate: Rate
    """
    Complaints over sends.
    """
    unsubscribe_rate: Rate
    """
    Unsubscribes over sends.
    """


class Attribution(Struct, kw_only=True):
    """
    Which mail led to a purchase.
    """

    source: AttributionSource
    campaign_id: str | None
    """
    The campaign that the mail belongs to; null where it belongs to none.
    """
    automation_id: str | None
    """
    The automation that the mail belongs to; null where it belongs to none.
    """
    message_id: str | None
    """
    The message; null where the source is none.
    """
    click_timestamp: datetime | None
    """
    When the link was followed; null where the source is not click.
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


class AutomationEvent(Struct, kw_only=True):
    """
    A contact went through every step of an automation.
    """

    id: EventId
    type: Literal["automation.completed"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: AutomationEventDetails


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
    from_name: DisplayName | UnsetType = UNSET
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
    scheduled_at: CampaignSendTime | UnsetType = UNSET
    """
    When it is planned to be sent.
    """


class CampaignEvent(Struct, kw_only=True):
    """
    How far a campaign is.
    """

    id: EventId
    type: Literal["campaign.sent", "campaign.completed"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: CampaignEventDetails


class CampaignMetrics(Struct, kw_only=True):
    """
    What became of a campaign's mail.
    """

    total_recipients: int
    """
    To how many it goes.
    """
    total_sent: int
    """
    Mails that receivers took or refused for good.
    """
    total_delivered: int
    """
    Mails that receivers took.
    """
    total_opened: int
    """
    Opens by people.
    """
    total_clicked: int
    """
    Clicks by people.
    """
    total_bounced: int
    """
    Mails that receivers refused for good.
    """
    total_complained: int
    """
    Recipients who called it spam.
    """
    total_unsubscribed: int
    """
    Recipients who want no more.
    """
    unique_opens: int
    """
    First opens by people.
    """
    unique_clicks: int
    """
    First clicks by people.
    """
    machine_opens: int
    """
    Opens by programs.
    """
    machine_clicks: int
    """
    Clicks by programs.
    """
    open_rate: Rate
    """
    Unique opens over sends.
    """
    click_rate: Rate
    """
    Unique clicks over sends.
    """
    bounce_rate: Rate
    """
    Bounces over sends.
    """
    complaint_rate: Rate
    """
    Complaints over sends.
    """
    unsubscribe_rate: Rate
    """
    Unsubscribes over sends.
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


class CampaignResponse(Struct, kw_only=True):
    """
    The campaign.
    """

    campaign: Campaign
    success: bool = True
    """
    Always true.
    """


class CampaignSchedule(Struct, kw_only=True):
    """
    When to send it.
    """

    scheduled_at: CampaignSendTime
    """
    When to send it; it must be ahead.
    """


class CampaignSend(Struct, kw_only=True):
    """
    When to send it.
    """

    scheduled_at: CampaignSendTime | UnsetType = UNSET
    """
    When to send it. A time that is past means now.
    """
    idempotency_key: IdempotencyKey | UnsetType = UNSET


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


class CampaignTestMessage(Struct, kw_only=True):
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
    from_name: DisplayName | None | UnsetType = UNSET
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
    scheduled_at: CampaignSendTime | None | UnsetType = UNSET
    """
    When to send it. A scheduled campaign is moved to it and cannot be without one; a time that is past means now.
    """


class CheckoutCreate(Struct, kw_only=True):
    """
    The plan that is wanted.
    """

    plan: Literal["pro", "max", "enterprise"]
    """
    The plan's short name.
    """
    period: Literal["monthly", "yearly"] = "monthly"
    """
    How long each payment lasts.
    """
    success_url: ReturnUrl | UnsetType = UNSET
    """
    Where to go when it was ordered.
    """
    cancel_url: ReturnUrl | UnsetType = UNSET
    """
    Where to go when it was not.
    """


class ConditionStep(Struct, kw_only=True, tag_field="type", tag="condition"):
    """
    Goes on at one step or another, or ends. It leads forward only, so every enrollment comes to its end.
    """

    field_: ShortText = field(name="field")
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
    first_name: ContactName | UnsetType = UNSET
    last_name: ContactName | UnsetType = UNSET
    phone: ContactPhone | UnsetType = UNSET
    company: CompanyName | UnsetType = UNSET
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus = "subscribed"
    source: ContactSource | UnsetType = UNSET


class ContactEvent(Struct, kw_only=True):
    """
    A contact was added or changed.
    """

    id: EventId
    type: Literal["contact.created", "contact.updated"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: ContactEventDetails


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
    idempotency_key: IdempotencyKey | UnsetType = UNSET


class ContactResponse(Struct, kw_only=True):
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

    first_name: ContactName | None | UnsetType = UNSET
    """
    The first name; null takes it away.
    """
    last_name: ContactName | None | UnsetType = UNSET
    """
    The last name; null takes it away.
    """
    phone: ContactPhone | None | UnsetType = UNSET
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
    first_name: ContactName | None | UnsetType = UNSET
    """
    The first name; null takes it away.
    """
    last_name: ContactName | None | UnsetType = UNSET
    """
    The last name; null takes it away.
    """
    phone: ContactPhone | None | UnsetType = UNSET
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


class CreatedTemplate(Struct, kw_only=True):
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


class DedicatedIp(Struct, kw_only=True):
    """
    A dedicated IP address, or the claim to one.
    """

    id: Id
    address: str | None
    """
    The IPv4 or IPv6 address; null while none is free.
    """
    status: Literal["provisioning", "active"]
    """
    `provisioning` while there is no address.
    """
    pool: IpPool
    rdns: str | None
    """
    The host that it names in reverse; null where none was asked for or set.
    """
    warmup_enabled: bool
    """
    Whether the warm-up limits the address.
    """
    warmup_status: WarmupStatus
    warmup_day: int | None
    """
    Which day it is, counted from 1; null before the first.
    """
    warmup_percent: int
    """
    How much of the warm-up is done.
    """
    daily_limit: int | None
    """
    How many mails it may send today; null for no limit.
    """
    created_at: datetime
    """
    When it was claimed.
    """
    provisioned_at: datetime | None
    """
    When it got its address, and the warm-up began; null before.
    """


class DedicatedIpCreate(Struct, kw_only=True):
    """
    What the address is to be for.
    """

    pool: IpPool = "marketing"
    rdns: ReverseDnsName | UnsetType = UNSET


class DedicatedIpResponse(Struct, kw_only=True):
    """
    The dedicated IP.
    """

    ip: DedicatedIp
    success: bool = True
    """
    Always true.
    """


class DedicatedIpUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays.
    """

    pool: IpPool | UnsetType = UNSET
    rdns: ReverseDnsName | None | UnsetType = UNSET
    """
    The host that the address names in reverse; null takes it away.
    """
    warmup_enabled: bool | UnsetType = UNSET
    """
    Whether the warm-up limits the address.
    """


class DnsObservation(Struct, kw_only=True):
    """
    What a look-up saw.
    """

    status: DnsRecordStatus
    found: list[str]
    """
    Every record of that type at that name.
    """
    error: Literal["timeout", "server_failure"] | None
    """
    Why nothing can be said; then the status is what it was. Null when the DNS answered.
    """


class DnsObservations(Struct, kw_only=True):
    """
    What was seen, by purpose.
    """

    dkim: DnsObservation
    dkim_ed25519: DnsObservation
    spf: DnsObservation
    dmarc: DnsObservation
    mx: DnsObservation
    return_path: DnsObservation
    proof: DnsObservation


class DnsRecord(Struct, kw_only=True):
    """
    A DNS record to publish. A TXT value longer than 255 characters is published in several strings; most DNS hosts split it by themselves.
    """

    type: Literal["TXT", "MX", "CNAME"]
    """
    The record's type.
    """
    host: str
    """
    The whole name, without a final dot.
    """
    value: str
    """
    What it must say.
    """
    status: DnsRecordStatus
    priority: int | UnsetType = UNSET
    """
    The preference of an MX record.
    """


class DnsRecords(Struct, kw_only=True):
    """
    The records by purpose.
    """

    dkim: DnsRecord
    """
    The RSA key that signs mail (RFC 6376); after a rotation the new one.
    """
    dkim_ed25519: DnsRecord
    """
    The Ed25519 key that signs mail beside it (RFC 8463); optional.
    """
    spf: DnsRecord
    """
    Lets this server send (RFC 7208). Where there is a record, put the mechanism into it: a name may have only one.
    """
    dmarc: DnsRecord
    """
    What receivers do with mail that fails (RFC 7489); any v=DMARC1 record is valid. Advice.
    """
    mx: DnsRecord
    """
    Receives mail on a subdomain, see inbound; never on the domain itself, whose mail people read. Advice.
    """
    return_path: DnsRecord
    """
    Where bounces go. Advice.
    """


class Domain(Struct, kw_only=True):
    """
    A whole domain.
    """

    id: Id
    domain: str
    """
    Its name in lower case and its xn-- form.
    """
    status: DomainStatus
    dkim_status: DnsRecordStatus
    """
    `valid` while any key in use is seen.
    """
    spf_status: DnsRecordStatus
    dmarc_status: DnsRecordStatus
    dns_records: DnsRecords
    proof: DnsRecord
    """
    Decides between accounts that claim one domain; needed only then. Remove another account's record first.
    """
    created_at: datetime
    """
    When it was added.
    """
    verified_at: datetime | None
    """
    When it was verified last; null for never.
    """
    checked_at: datetime | None
    """
    When its records were looked up last; null for never.
    """


class DomainCreate(Struct, kw_only=True):
    """
    A domain to send from.
    """

    domain: DomainName
    """
    The root domain or a subdomain. Kept in lower case and its xn-- form.
    """


class DomainResponse(Struct, kw_only=True):
    """
    The domain.
    """

    domain: Domain
    success: bool = True
    """
    Always true.
    """


class DomainSummary(Struct, kw_only=True):
    """
    A domain without its records.
    """

    id: Id
    domain: str
    """
    Its name in lower case and its xn-- form.
    """
    status: DomainStatus
    dkim_status: DnsRecordStatus
    """
    `valid` while any key in use is seen.
    """
    spf_status: DnsRecordStatus
    dmarc_status: DnsRecordStatus
    created_at: datetime
    """
    When it was added.
    """


class EmailBouncedEvent(Struct, kw_only=True):
    """
    A receiver refused a mail for good.
    """

    id: EventId
    type: Literal["email.bounced"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: EmailBouncedEventDetails


class EmailClickedEvent(Struct, kw_only=True):
    """
    A person followed a link.
    """

    id: EventId
    type: Literal["email.clicked"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: EmailClickedEventDetails


class EmailEvent(Struct, kw_only=True):
    """
    What became of a mail.
    """

    id: EventId
    type: Literal["email.sent", "email.delivered", "email.complained", "email.unsubscribed"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: EmailEventDetails


class EmailOpenedEvent(Struct, kw_only=True):
    """
    A person opened a mail.
    """

    id: EventId
    type: Literal["email.opened"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: EmailOpenedEventDetails


class EmailReceivedEventDetails(Struct, kw_only=True):
    """
    The mail.
    """

    id: str
    """
    The received message's id.
    """
    from_: str = field(name="from")
    """
    The author's address.
    """
    to: list[str]
    """
    The addresses it was sent to.
    """
    subject: str
    """
    The subject line.
    """
    html: str | None
    """
    The HTML body; null where there is none.
    """
    text: str | None
    """
    The plain text body; null where there is none.
    """
    reply_text: str | None
    """
    The text without what it quotes; null where there is none.
    """
    attachments: list[ReceivedAttachment]
    """
    The files.
    """
    headers: dict[str, str]
    """
    The header fields by name.
    """
    spf: str
    """
    The result of SPF.
    """
    dkim: str
    """
    The result of DKIM.
    """
    dmarc: str
    """
    The result of DMARC.
    """
    received_at: datetime
    """
    When it arrived.
    """


class EmailSend(Struct, kw_only=True):
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
    subject: EmailSubject | UnsetType = UNSET
    html: str | UnsetType = UNSET
    """
    The HTML body.
    """
    text: str | UnsetType = UNSET
    """
    The plain text body.
    """
    alias_id: Id | UnsetType = UNSET
    """
    Send through this alias and its pool of IP addresses. `from.email` must be its address.
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
    headers: CustomHeaders | UnsetType = UNSET
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
    idempotency_key: IdempotencyKey | UnsetType = UNSET


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


EventProperties: TypeAlias = dict[str, EventProperty]
"""
Particulars of the event, by name.
"""


class EventTrack(Struct, kw_only=True):
    """
    Something that a person did.
    """

    email: EmailAddress | UnsetType = UNSET
    """
    Who did it; case makes no difference. It need not be a contact.
    """
    contact_id: Id | UnsetType = UNSET
    """
    The contact who did it.
    """
    event: EventName | UnsetType = UNSET
    properties: EventProperties | UnsetType = UNSET
    timestamp: datetime | UnsetType = UNSET
    """
    When; now without it.
    """
    message_id: Id | UnsetType = UNSET
    """
    The message it came of.
    """


class InboundDomain(Struct, kw_only=True):
    """
    A host that mail is received for.
    """

    id: Id
    subdomain: str
    """
    The host in lower case and its xn-- form.
    """
    webhook_url: str
    """
    Where each message is posted.
    """
    status: Literal["active"]
    """
    Always `active`; whether mail comes is up to the MX record.
    """
    mx_record: MxRecord
    created_at: datetime
    """
    When it was added.
    """
    updated_at: datetime
    """
    When it was last changed.
    """


class InboundDomainCreate(Struct, kw_only=True):
    """
    A host to receive mail for.
    """

    subdomain: DomainName
    """
    The whole host, such as replies.example.com.
    """
    webhook_url: InboundWebhookUrl
    webhook_secret: InboundWebhookSecret | UnsetType = UNSET


class InboundDomainResponse(Struct, kw_only=True):
    """
    The inbound domain.
    """

    domain: InboundDomain
    success: bool = True
    """
    Always true.
    """


class InboundDomainUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays.
    """

    webhook_url: InboundWebhookUrl | UnsetType = UNSET
    webhook_secret: InboundWebhookSecret | UnsetType = UNSET
    """
    The new secret. It is not shown again.
    """


class InboundDomainWithSecret(Struct, kw_only=True):
    """
    A new inbound domain with its secret.
    """

    id: Id
    subdomain: str
    """
    The host in lower case and its xn-- form.
    """
    webhook_url: str
    """
    Where each message is posted.
    """
    webhook_secret: str
    """
    What signs each post (HMAC-SHA256). It is shown only here.
    """
    status: Literal["active"]
    """
    Always `active`; whether mail comes is up to the MX record.
    """
    mx_record: MxRecord
    created_at: datetime
    """
    When it was added.
    """
    updated_at: datetime
    """
    When it was last changed.
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
    allowed_account_id: str | None
    """
    The connected account whose address it may send from; null for every sender of the account.
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
    allowed_account_id: Id | UnsetType = UNSET
    """
    A connected account: with this key, mail can only be sent from its address.
    """


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
    icon: HttpsUrl | UnsetType = UNSET
    """
    An image beside the text.
    """
    ttl: int | UnsetType = UNSET
    """
    Seconds that the push service keeps it for a device that is off; its own default without.
    """
    idempotency_key: IdempotencyKey | UnsetType = UNSET


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

    tag: ShortText
    """
    The tag.
    """
    delay_minutes: DelayMinutes = 0


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


class Suppression(Struct, kw_only=True):
    """
    An address that is not mailed.
    """

    email: str
    """
    The address, in lower case.
    """
    reason: SuppressionReason
    created_at: datetime
    """
    Since when.
    """


class SuppressionCreate(Struct, kw_only=True):
    """
    An address to suppress.
    """

    email: EmailAddress
    reason: SuppressionReason = "manual"


class SuppressionResponse(Struct, kw_only=True):
    """
    The suppressed address.
    """

    suppression: Suppression
    success: bool = True
    """
    Always true.
    """


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


class TemplateResponse(Struct, kw_only=True):
    """
    The template.
    """

    template: Template
    success: bool = True
    """
    Always true.
    """


class Upgrade(Struct, kw_only=True):
    """
    Which allowance of the plan is spent, and where to get more.
    """

    feature: str
    """
    The allowance.
    """
    current_plan: UpgradePlan
    usage: UpgradeUsage
    urls: UpgradeUrls


class ValidationResult(Struct, kw_only=True):
    """
    What is known of an address.
    """

    email: str
    """
    The address as it was given.
    """
    status: ValidationStatus
    score: int
    """
    How safe it is to send to, from 0 to 100.
    """
    checks: ValidationChecks
    suggestion: str | None
    """
    What was probably meant; null where nothing looks mistyped.
    """
    checked_at: datetime
    """
    When the DNS was asked.
    """


class WarmupIp(Struct, kw_only=True):
    """
    An address and its day.
    """

    id: Id
    ip_address: str
    """
    The address.
    """
    pool_name: IpPool
    status: WarmupStatus
    warmup_day: int
    """
    Which day it is, counted from 1.
    """
    daily_limit_today: int | None
    """
    How many mails it may send today; null for no limit.
    """
    sent_today: int
    """
    How many it has sent today.
    """
    progress_pct: int
    """
    How much of the warm-up is done.
    """


class WebhookCreate(Struct, kw_only=True):
    """
    A new webhook.
    """

    url: WebhookUrl
    events: EventTypes
    secret: WebhookSecret | UnsetType = UNSET


class WebhookDelivery(Struct, kw_only=True):
    """
    An event for a webhook.
    """

    id: Id
    event_id: str
    """
    The event's id; the same in every webhook that gets it.
    """
    event_type: EventType
    state: WebhookDeliveryState
    attempt_count: int
    """
    How often it was tried.
    """
    status_code: int | None
    """
    What the receiver answered last; null where it did not.
    """
    error: str | None
    """
    What went wrong last; null where nothing did.
    """
    next_attempt_at: datetime | None
    """
    When it is tried next; null when it is not.
    """
    created_at: datetime
    """
    When the event happened.
    """


class WebhookUpdate(Struct, kw_only=True):
    """
    What to change; what is left out stays.
    """

    url: WebhookUrl | UnsetType = UNSET
    events: EventTypes | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    """
    Whether events are posted.
    """


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
    idempotency_key: IdempotencyKey | UnsetType = UNSET


class WhatsappStep(Struct, kw_only=True, tag_field="type", tag="whatsapp"):
    """
    Sends a WhatsApp message; the contact's phone number is in its field `phone`.
    """

    delay_minutes: DelayMinutes = 0
    template_name: WhatsappTemplateName | UnsetType = UNSET
    language: WhatsappLanguage = "en"
    message: WhatsappText | UnsetType = UNSET


class TemplateCreateResponse(Struct, kw_only=True):
    """
    The new template.
    """

    template: CreatedTemplate
    success: bool = True
    """
    Always true.
    """


class CampaignList(Struct, kw_only=True):
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


class CampaignTestResponse(Struct, kw_only=True):
    """
    What was accepted.
    """

    messages: list[CampaignTestMessage]
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


class CampaignProgressResponse(Struct, kw_only=True):
    """
    How far it is.
    """

    progress: CampaignProgress
    success: bool = True
    """
    Always true.
    """


class AutomationList(Struct, kw_only=True):
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


class EnrollmentList(Struct, kw_only=True):
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


class AbTestList(Struct, kw_only=True):
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


class ContactList(Struct, kw_only=True):
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


class SegmentPreviewResponse(Struct, kw_only=True):
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


class DomainList(Struct, kw_only=True):
    """
    A page of domains.
    """

    domains: list[DomainSummary]
    """
    The domains of this page.
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


class DomainVerifyResponse(Struct, kw_only=True):
    """
    The domain, and what the DNS said.
    """

    verified: bool
    """
    Whether mail may be sent from it now.
    """
    domain: Domain
    checks: DnsObservations
    success: bool = True
    """
    Always true.
    """


class AliasList(Struct, kw_only=True):
    """
    A page of aliases.
    """

    aliases: list[Alias]
    """
    The aliases of this page.
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


class InboundDomainList(Struct, kw_only=True):
    """
    A page of inbound domains.
    """

    domains: list[InboundDomain]
    """
    The inbound domains of this page.
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


class InboundDomainCreateResponse(Struct, kw_only=True):
    """
    The new inbound domain.
    """

    domain: InboundDomainWithSecret
    success: bool = True
    """
    Always true.
    """


class ValidationResponse(Struct, kw_only=True):
    """
    What is known of the address.
    """

    result: ValidationResult
    success: bool = True
    """
    Always true.
    """


class AddressValidateResponse(Struct, kw_only=True):
    """
    `result` where `email` was given, `results` and `summary` where `emails` was.
    """

    success: bool = True
    """
    Always true.
    """
    result: ValidationResult | UnsetType = UNSET
    results: list[ValidationResult] | UnsetType = UNSET
    """
    One for each of `emails`, in their order.
    """
    summary: ValidationSummary | UnsetType = UNSET


class DedicatedIpList(Struct, kw_only=True):
    """
    A page of dedicated IPs.
    """

    ips: list[DedicatedIp]
    """
    The dedicated IPs of this page.
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


class DedicatedIpCreateResponse(Struct, kw_only=True):
    """
    The new dedicated IP.
    """

    ip: DedicatedIp
    message: str
    """
    One sentence for people.
    """
    success: bool = True
    """
    Always true.
    """


class WarmupResponse(Struct, kw_only=True):
    """
    The warm-up.
    """

    data: list[WarmupIp]
    """
    The addresses.
    """
    count: int
    """
    How many there are.
    """
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


class KeyResponse(Struct, kw_only=True):
    """
    The key.
    """

    key: Key
    success: bool = True
    """
    Always true.
    """


class SuppressionList(Struct, kw_only=True):
    """
    A page of suppressed addresses.
    """

    suppressions: list[Suppression]
    """
    Newest first.
    """
    pagination: Pagination
    success: bool = True
    """
    Always true.
    """


class AnalyticsResponse(Struct, kw_only=True):
    """
    What became of the mail.
    """

    period: AnalyticsPeriod
    metrics: AnalyticsMetrics
    success: bool = True
    """
    Always true.
    """
    timeline: list[TimelineBucket] | UnsetType = UNSET
    """
    With `group_by`: every hour or day in which something happened, oldest first.
    """


class WebhookDeliveryList(Struct, kw_only=True):
    """
    A page of deliveries.
    """

    deliveries: list[WebhookDelivery]
    """
    Newest first.
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


class CampaignAnalyticsResponse(Struct, kw_only=True):
    """
    What became of the campaign.
    """

    campaign: AnalyticsCampaign
    metrics: CampaignMetrics
    links: list[LinkMetrics]
    """
    Most clicked first, a hundred at most.
    """
    timeline: list[TimelineBucket]
    """
    Every hour or day in which something happened, oldest first.
    """
    success: bool = True
    """
    Always true.
    """


class PurchaseTrackResponse(Struct, kw_only=True):
    """
    The purchase and the mail that led to it.
    """

    purchase_id: Id
    attribution: Attribution
    success: bool = True
    """
    Always true.
    """
    duplicate: bool | UnsetType = UNSET
    """
    True when the order was recorded before; this is what was answered then.
    """
    idempotent: bool | UnsetType = UNSET
    """
    True when this repeats the answer to an earlier call with the same key.
    """


class AccountList(Struct, kw_only=True):
    """
    The connected accounts, oldest first.
    """

    accounts: list[Account]
    """
    Oldest first.
    """
    success: bool = True
    """
    Always true.
    """


class AccountResponse(Struct, kw_only=True):
    """
    The connected account.
    """

    account: Account
    success: bool = True
    """
    Always true.
    """


class AccountCheckResponse(Struct, kw_only=True):
    """
    How the connections went.
    """

    imap: ConnectionCheck
    smtp: ConnectionCheck
    account: Account
    success: bool = True
    """
    Always true.
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
    variants: list[AbTestVariant]
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
    variants: list[AbTestVariantCreate]
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


class AbTestResponse(Struct, kw_only=True):
    """
    The test.
    """

    ab_test: AbTest
    success: bool = True
    """
    Always true.
    """


AutomationStep: TypeAlias = (
    SendEmailStep | WaitStep | ConditionStep | AddTagStep | RemoveTagStep | UpdateFieldStep | WebhookStep | WhatsappStep | PushStep
)
"""
One step, of the kind that its `type` says.
"""


class EmailQueuedResponse(Struct, kw_only=True):
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


class EmailReceivedEvent(Struct, kw_only=True):
    """
    An inbound domain received a mail.
    """

    id: EventId
    type: Literal["email.received"]
    """
    What happened.
    """
    created_at: datetime
    """
    When the event was written down.
    """
    data: EmailReceivedEventDetails


class EmailSendResponse(Struct, kw_only=True):
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
    details: ErrorDetails | UnsetType = UNSET
    upgrade: Upgrade | UnsetType = UNSET
    feature: str | UnsetType = UNSET
    """
    What is not configured here or not in the plan.
    """
    proof: DomainProof | UnsetType = UNSET
    retryAfter: int | UnsetType = UNSET
    """
    Seconds until a repeat can succeed.
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


class MessageResponse(Struct, kw_only=True):
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


class AutomationResponse(Struct, kw_only=True):
    """
    The automation.
    """

    automation: Automation
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


class SegmentListContent(Struct, kw_only=True):
    """
    A page of segments.
    """

    segments: list[Segment]
    """
    The segments of this page.
    """
    pagination: Pagination


class SegmentResponse(Struct, kw_only=True):
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

    data: SegmentListContent
    success: bool = True
    """
    Always true.
    """

# input a8a6bcc89078d6b8cec50a6decd3c5e8, module d77a2ef6294771432f12f17719c4ded0
