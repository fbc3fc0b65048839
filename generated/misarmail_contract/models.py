"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, convert, field

AbTestMetric: TypeAlias = Literal["open_rate", "click_rate", "reply_rate"]
"""
The metric that decides, as a fraction of the messages sent. `open_rate` and `click_rate` count unique recipients; `reply_rate`
counts direct replies.
"""


AbTestStatus: TypeAlias = Literal["draft", "scheduled", "running", "completed"]
"""
`draft` until the test is started, `scheduled` until the first variants are sent, then `running`. `completed` when a winner has
been chosen.
"""


class AccountCode(Struct, kw_only=True):
    """
    The code that was mailed to the address.
    """

    code: str
    """
    The code that was mailed to the address.
    """


AccountEmail: TypeAlias = str
"""
The e-mail address of the account. The account of the operator may have a local address such as operator@localhost.
"""


AliasDefault: TypeAlias = bool
"""
Whether this is the default alias of the account. An account has at most one; setting a second one replaces the first.
"""


class AnalyticsPeriod(Struct, kw_only=True):
    """
    The period that the metrics cover.
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
    An attachment.
    """

    filename: str
    """
    The file name.
    """
    content: str
    """
    The content in base64 (RFC 4648, section 4), without line breaks.
    """
    content_type: str = "application/octet-stream"
    """
    The media type with its parameters (RFC 2045, section 5.1). `name` is replaced by the file name.
    """
    content_id: str | UnsetType = UNSET
    """
    Makes the attachment an inline image that the HTML body refers to with `<img src="cid:...">` (RFC 2392).
    """


AttributionSource: TypeAlias = Literal["click", "open", "none"]
"""
`click` if a link was clicked, `open` if a message was only opened, `none` if no message led to the purchase.
"""


class AuditEntry(Struct, kw_only=True):
    """
    A change to the account, or an attempt to sign in.
    """

    operation: str
    """
    The `operationId` of the call.
    """
    target: str
    """
    The path of the call.
    """
    key_id: str | None
    """
    The API key that made the call; null for a browser session.
    """
    request_id: str
    """
    The ID of the request, for the server's log.
    """
    ip_address: str | None
    """
    The IP address of the client; null if it is not known.
    """
    outcome: Literal["done", "refused"]
    """
    Whether the call was carried out. Refused calls are recorded for `sign_in` only.
    """
    at: datetime
    """
    The time of the event.
    """


class AutomationActivate(Struct, kw_only=True):
    """
    The requested status.
    """

    active: bool = True
    """
    `true` to activate the automation, `false` to pause it.
    """


class AutomationEventDetails(Struct, kw_only=True):
    """
    The automation and the contact.
    """

    automation_id: str
    """
    The ID of the automation.
    """
    contact_id: str
    """
    The ID of the contact.
    """
    timestamp: datetime
    """
    The time of the event.
    """


AutomationName: TypeAlias = str
"""
A name for internal use.
"""


AutomationStatus: TypeAlias = Literal["draft", "active", "paused"]
"""
`draft` until the automation is activated, then `active` or `paused`.
"""


AutomationStepCreate: TypeAlias = dict[str, Any]
"""
A step. `type` determines its kind. A step without `type` sends an e-mail.
"""


class BillingPeriod(Struct, kw_only=True):
    """
    The calendar month that is billed (UTC).
    """

    start: datetime
    """
    The beginning of the month.
    """
    end: datetime
    """
    The beginning of the next month.
    """


CampaignBodyText: TypeAlias = str
"""
The plain text body. Merge tags are supported.
"""


class CampaignEventDetails(Struct, kw_only=True):
    """
    The campaign.
    """

    campaign_id: str
    """
    The ID of the campaign.
    """
    name: str
    """
    The name of the campaign.
    """
    timestamp: datetime
    """
    The time of the event.
    """


class CampaignLeftOut(Struct, kw_only=True):
    """
    Contacts of the audience that would not be mailed.
    """

    unsubscribed: int
    """
    Contacts with the status `unsubscribed`.
    """
    bounced: int
    """
    Contacts with the status `bounced`.
    """
    complained: int
    """
    Contacts with the status `complained`.
    """
    suppressed: int
    """
    Subscribed contacts with a suppression of their address or its domain.
    """
    topic: int
    """
    Subscribed contacts who are not subscribed to the topic of the campaign.
    """


CampaignName: TypeAlias = str
"""
A name for internal use. Recipients do not see it.
"""


CampaignOneAudience: TypeAlias = Any


class CampaignPagination(Struct, kw_only=True):
    """
    The position of this page in the list.
    """

    page: int
    """
    The number of this page, starting at 1.
    """
    per_page: int
    """
    The maximum number of items per page.
    """
    total: int
    """
    The total number of items on all pages.
    """


CampaignReason: TypeAlias = str | None
"""
Why the server paused the campaign or let it fail; null if it did neither.
"""


CampaignSendTime: TypeAlias = datetime
"""
The time at which to send the campaign.
"""


CampaignStatus: TypeAlias = Literal["draft", "scheduled", "sending", "paused", "sent", "cancelled", "failed"]
"""
`draft` until the campaign is scheduled, `scheduled` until its time, then `sending` and `sent`. `paused` until it is resumed.
`cancelled` and `failed` are final.
"""


CompanyName: TypeAlias = str
"""
The company that the contact works for.
"""


class ConnectionCheck(Struct, kw_only=True):
    """
    The result of a connection check.
    """

    ok: bool
    """
    Whether the connection and the authentication succeeded.
    """
    error: str | None
    """
    The reason for the failure; null if the check succeeded.
    """


class ContactActivity(Struct, kw_only=True):
    """
    An event of a contact, of a message to its address, or an event tracked for it.
    """

    type: str
    """
    The type of the event: `created`, `imported`, `updated`, `topic_joined`, `topic_left` and the statuses for the contact itself; `delivered`, `deferred`,
    `bounced`, `captured`, `suppressed` and others for messages; `tracked` for events recorded with `track_event`. New types may
    be added.
    """
    at: datetime
    """
    The time of the event.
    """
    message_id: str | None
    """
    The message that the event belongs to; null if there is none.
    """
    data: dict[str, Any]
    """
    Details of the event: the `fields` that were updated, the `topic_id` and the `source` of a subscription, the reply of the
    receiving server, or the tracked `event` and its `properties`.
    """


class ContactDataPurchase(Struct, kw_only=True):
    """
    A purchase of the person.
    """

    order_id: str
    """
    The ID of the order in your shop.
    """
    amount: float
    """
    The total in the major unit of the currency.
    """
    currency: str
    """
    The currency (ISO 4217).
    """
    items: list[dict[str, Any]]
    """
    The items, as they were reported.
    """
    campaign_id: str | None
    """
    The campaign that led to the purchase; null if there is none.
    """
    at: datetime
    """
    The time of the purchase.
    """


class ContactEventDetails(Struct, kw_only=True):
    """
    The contact.
    """

    contact_id: str
    """
    The ID of the contact.
    """
    email: str
    """
    The address of the contact.
    """
    status: str
    """
    The status of the contact.
    """
    timestamp: datetime
    """
    The time of the event.
    """


ContactFieldName: TypeAlias = str
"""
The name. It is unique in your account and compared without case.
"""


ContactFieldType: TypeAlias = Literal["text", "number", "boolean", "date", "json"]
"""
The type of the values. Text that stands for a value of the type, as in CSV, is converted: `"12"` to 12, `"yes"` to true. A `date` is a date
or a timestamp (ISO 8601; without an offset in UTC) and is compared as an instant. `json` also takes lists and objects, up to 10,000
characters and eight levels; merge tags repeat sections for their elements.
"""


class ContactImportError(Struct, kw_only=True):
    """
    A row that was skipped.
    """

    line: int
    """
    The line of the CSV file at which the row begins, or the number of the JSON row, starting at 1.
    """
    reason: str
    """
    The reason.
    """
    email: str | UnsetType = UNSET
    """
    The value of the email column, if there is one.
    """


ContactImportRow: TypeAlias = dict[str, Any]
"""
A contact to import, with the fields of `create_contact`.
"""


class ContactImportSummary(Struct, kw_only=True):
    """
    The number of rows with each outcome. The sum is the number of rows.
    """

    imported: int
    """
    Contacts that were created.
    """
    updated: int
    """
    Contacts that were updated.
    """
    skipped: int
    """
    Existing contacts that were not changed.
    """
    errors: int
    """
    Rows that are not valid.
    """


ContactLocale: TypeAlias = str
"""
The language and region, a well-formed tag (BCP 47). It is stored in canonical form: `en_us` as `en-US`, `iw` as `he`.
"""


ContactName: TypeAlias = str
"""
A first or last name, on one line.
"""


ContactPhone: TypeAlias = str
"""
A phone number. It is stored as given.
"""


ContactSource: TypeAlias = str
"""
The origin of the contact, such as a form or a campaign.
"""


ContactStatus: TypeAlias = Literal["subscribed", "unsubscribed", "bounced", "complained"]
"""
`subscribed` contacts receive e-mail. Any other status suppresses the address for that reason: `unsubscribed` bars marketing mail,
`bounced` and `complained` bar all mail. The status is the strongest reason for which the address is suppressed: `complained` over
`unsubscribed` over `bounced`. Setting another status with an update removes the suppressions for stronger reasons, and `subscribed`
removes all of them; `manual` suppressions remain. A contact that is created or imported with an address that is suppressed already gets
the status of that suppression.
"""


ContactTag: TypeAlias = str
"""
A tag. Tags are case-insensitive; the spelling of their first use is kept.
"""


ContactTags: TypeAlias = list[ContactTag]
"""
The tags of the contact, sorted.
"""


ContactTimezone: TypeAlias = str
"""
The time zone, a name of the IANA database in any case. The spelling of the database is stored; an alias such as `US/Eastern` remains one.
"""


class ContactsImportedEventDetails(Struct, kw_only=True):
    """
    The result of the import.
    """

    imported: int
    """
    The number of contacts that were created.
    """
    updated: int
    """
    The number of contacts that were updated.
    """
    skipped: int
    """
    The number of rows whose contact existed and was not changed.
    """
    errors: int
    """
    The number of rows that could not be imported.
    """
    timestamp: datetime
    """
    The time of the event.
    """


class CredibleInterval(Struct, kw_only=True):
    """
    The 95 % credible interval of the rate.
    """

    low: float
    """
    The lower bound.
    """
    high: float
    """
    The upper bound.
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
A currency code (ISO 4217). Codes without minor units, such as precious metals and test codes, are not supported.
"""


Cursor: TypeAlias = str
"""
The place in a list after which the next page begins. It is opaque, and valid for that list only.
"""


CustomFieldValue: TypeAlias = str | int | float | bool | list[Any] | dict[str, Any] | None
"""
Text on one line, a number, true or false. null removes the field. A declared field has values of its type only;
lists and objects need one of type `json`.
"""


CustomFields: TypeAlias = dict[str, CustomFieldValue]
"""
Custom fields by name. Merge tags and segments refer to them as `custom_fields.<name>`.
"""


CustomHeaders: TypeAlias = dict[str, str]
"""
Custom header fields. Fields that mail servers set themselves, and fields that request a reply from the recipient's server, are
not allowed, in any spelling of upper and lower case: Bcc, Cc, Date, DKIM-Signature, From, In-Reply-To, List-Unsubscribe,
List-Unsubscribe-Post, Message-ID, MIME-Version, Received, References, Reply-To, Return-Path, Sender, Subject, To,
Authentication-Results, Feedback-ID, Precedence, Delivered-To, Apparently-To, Errors-To, Original-From, Return-Receipt-To,
Disposition-Notification-To, and names that begin with Content-, ARC-, Resent- or X-MS-Exchange-Organization-.
"""


DateOrTime: TypeAlias = str
"""
A date, or a timestamp that stands for its date.
"""


DelayMinutes: TypeAlias = int
"""
The delay after the previous step, in minutes; 0 for none.
"""


DeviceToken: TypeAlias = str
"""
The token that the push service issued to the device.
"""


DisplayName: TypeAlias = str
"""
A display name, on one line.
"""


DnsRecordStatus: TypeAlias = Literal["pending", "valid", "invalid", "missing"]
"""
The result of the last lookup: `valid`; `invalid` if a record with another value exists; `missing` if no record exists; `pending`
until a lookup has succeeded.
"""


DomainName: TypeAlias = str
"""
A domain name with at least two labels (case-insensitive). Internationalized names are accepted in Unicode or in Punycode (RFC
5891).
"""


class DomainProof(Struct, kw_only=True):
    """
    The DNS record that proves the ownership of the domain.
    """

    host: str
    """
    The name at which to publish the record.
    """
    value: str
    """
    The required value.
    """
    type: Literal["TXT"] = "TXT"
    """
    The type of the record.
    """


DomainStatus: TypeAlias = Literal["pending", "verified", "failed"]
"""
`pending` until the domain has been verified once; `failed` if it was verified and no longer is.
"""


DottedName: TypeAlias = str
"""
Letters, digits, dots, `_` and `-`.
"""


EmailAddress: TypeAlias = str
"""
An e-mail address. The part before the `@` is ASCII. An internationalized domain is accepted in Unicode and in Punycode (RFC 5891); it
is stored, returned and compared in Punycode.
"""


class EmailBouncedEventDetails(Struct, kw_only=True):
    """
    The message, the recipient and the reason.
    """

    message_id: str
    """
    The ID of the message.
    """
    email: str
    """
    The address of the recipient.
    """
    campaign_id: str | None
    """
    The campaign; null if there is none.
    """
    timestamp: datetime
    """
    The time of the event.
    """
    bounce_type: Literal["hard", "soft"]
    """
    `hard` if the mailbox does not exist, `soft` otherwise.
    """
    bounce_code: str | None
    """
    The SMTP reply code; null if there is none.
    """
    bounce_message: str | None
    """
    The reply of the receiving server; null if there is none.
    """


class EmailClickedEventDetails(Struct, kw_only=True):
    """
    The message, the recipient and the link.
    """

    message_id: str
    """
    The ID of the message.
    """
    email: str
    """
    The address of the recipient.
    """
    campaign_id: str | None
    """
    The campaign; null if there is none.
    """
    timestamp: datetime
    """
    The time of the event.
    """
    url: str
    """
    The URL of the link.
    """
    user_agent: str | None
    """
    The User-Agent of the client; null if it sent none.
    """


class EmailEventDetails(Struct, kw_only=True):
    """
    The message and the recipient.
    """

    message_id: str
    """
    The ID of the message.
    """
    email: str
    """
    The address of the recipient.
    """
    campaign_id: str | None
    """
    The campaign; null if there is none.
    """
    timestamp: datetime
    """
    The time of the event.
    """
    topic_id: str | UnsetType = UNSET
    """
    `email.unsubscribed`: the topic that the recipient left; absent if it left all marketing mail.
    """


class EmailOpenedEventDetails(Struct, kw_only=True):
    """
    The message, the recipient and the mail client.
    """

    message_id: str
    """
    The ID of the message.
    """
    email: str
    """
    The address of the recipient.
    """
    campaign_id: str | None
    """
    The campaign; null if there is none.
    """
    timestamp: datetime
    """
    The time of the event.
    """
    user_agent: str | None
    """
    The User-Agent of the client; null if it sent none.
    """


EmailSubject: TypeAlias = str
"""
The subject.
"""


ErrorCode: TypeAlias = Literal[
    "validation_failed",
    "malformed_body",
    "unknown_parameter",
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
The machine-readable reason.
"""


class ErrorDetails(Struct, kw_only=True):
    """
    The validation errors, by field.
    """

    fieldErrors: dict[str, list[str]]
    """
    Messages by top-level field or parameter. Messages about nested values name the path.
    """
    formErrors: list[str]
    """
    Messages that do not belong to a single field.
    """


EventId: TypeAlias = str
"""
The ID of the event. It is the same in every retry.
"""


EventName: TypeAlias = str
"""
The name of the event.
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
    "contacts.imported",
    "automation.completed",
]
"""
The type of an event.
"""


EventTypes: TypeAlias = list[EventType]
"""
The event types to post.
"""


ExitCondition: TypeAlias = Literal[
    "unsubscribed", "bounced", "complained", "replied", "clicked", "purchased", "tag_removed", "segment_left"
]
"""
An event that ends an enrollment early.
"""


HmacHex: TypeAlias = str
"""
An HMAC-SHA256 in hexadecimal.
"""


HttpsEndpoint: TypeAlias = str
"""
An https URL without user name and password. http is accepted for the local host.
"""


HttpsUrl: TypeAlias = str
"""
An https URL.
"""


Id: TypeAlias = str
"""
A unique identifier.
"""


IdempotencyKey: TypeAlias = str
"""
A key that identifies this request, such as the ID of an order.
"""


InboundWebhookSecret: TypeAlias = str
"""
The secret that signs each request (HMAC-SHA256). If none is specified, it is generated.
"""


InboundWebhookUrl: TypeAlias = HttpsEndpoint
"""
The https URL to which each message is posted, without user name and password. http is accepted for the local host.
"""


IpPool: TypeAlias = Literal["transactional", "marketing", "newsletter"]
"""
The pool of IP addresses that messages are sent from.
"""


KeyName: TypeAlias = str
"""
The purpose of the key.
"""


class LinkMetrics(Struct, kw_only=True):
    """
    The clicks on a link of the campaign.
    """

    url: str
    """
    The URL of the link.
    """
    clicks: int
    """
    Clicks by humans.
    """
    unique_clicks: int
    """
    Unique clicks by humans, counted once per message.
    """


MailServerHost: TypeAlias = str
"""
The name or IP address of a server.
"""


class Mailbox(Struct, kw_only=True):
    """
    An e-mail address with a display name.
    """

    email: EmailAddress
    name: DisplayName | UnsetType = UNSET


MergeScalar: TypeAlias = str | int | float | bool | None
"""
The value of the tag; null leaves it empty.
"""


MergeWarnings: TypeAlias = list[str]
"""
Merge tags that look like mistakes, one sentence each; absent if there are none.
"""


class MessageEvent(Struct, kw_only=True):
    """
    An event of a message.
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
    The type of the event.
    """
    at: datetime
    """
    The time of the event.
    """
    recipient: str | None
    """
    The recipient; null if the event concerns the whole message.
    """
    reply_code: int | None
    """
    The SMTP reply code of the receiving server; null if there is none.
    """
    reply_text: str | None
    """
    The reply of the receiving server, or a description of the failure if there was no reply.
    """


MessageState: TypeAlias = Literal["scheduled", "queued", "delivered", "partly_delivered", "captured", "bounced", "suppressed", "ambiguous"]
"""
The state of the message as a whole: `scheduled`, `queued` (delivery to a recipient is pending), `delivered`, `partly_delivered`,
`captured`, `bounced`, `suppressed` (all recipients are suppressed or cancelled), or `ambiguous` (it is unknown whether the message was delivered).
"""


Money: TypeAlias = float
"""
An amount in the major unit of the currency, such as 49.99 for 49 euros and 99 cents.
"""


MultiLineText: TypeAlias = str
"""
Text on any number of lines.
"""


class MxRecord(Struct, kw_only=True):
    """
    The MX record to publish.
    """

    host: str
    """
    The fully qualified name, without a trailing dot.
    """
    value: str
    """
    The host that receives the e-mail.
    """
    priority: int
    """
    The preference.
    """
    type: Literal["MX"] = "MX"
    """
    The type of the record.
    """


NextCursor: TypeAlias = str | None
"""
The `cursor` of the next page; null on the last page.
"""


OrderId: TypeAlias = str
"""
The ID of the order in your shop. Each order of an account is one purchase.
"""


class Pagination(Struct, kw_only=True):
    """
    The position of this page in the list.
    """

    page: int
    """
    The number of this page, starting at 1.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    total_pages: int
    """
    The number of pages.
    """


Password: TypeAlias = str
"""
A password. Only its length is checked.
"""


class PasswordReset(Struct, kw_only=True):
    """
    The account whose password is to be reset.
    """

    email: AccountEmail


class PasswordResetConfirm(Struct, kw_only=True):
    """
    The token from the e-mail and the new password.
    """

    token: str
    """
    The token from the e-mail.
    """
    password: Password


PhoneNumber: TypeAlias = str
"""
A phone number in E.164 format with a leading `+`. Spaces, dots, hyphens and parentheses between the digits are ignored.
"""


class Plan(Struct, kw_only=True):
    """
    The plan of the account.
    """

    slug: str
    """
    The identifier of the plan.
    """
    name: str
    """
    The name.
    """


class PlanAllowance(Struct, kw_only=True):
    """
    A limit of the plan and its usage.
    """

    feature: str
    """
    The name of the limit.
    """
    used: int
    """
    The amount that is used.
    """
    limit: int | None
    """
    The limit of the plan; null is unlimited.
    """
    remaining: int | None
    """
    The amount that remains; null is unlimited.
    """
    resets_at: datetime | None
    """
    The time at which the usage is reset; null if it is not.
    """


class PlanLimits(Struct, kw_only=True):
    """
    The limits of a plan; null is unlimited.
    """

    emails_per_month: int | None
    """
    E-mails per month.
    """
    contacts: int | None
    """
    Stored contacts.
    """
    campaigns_per_month: int | None
    """
    Campaigns per month.
    """
    templates: int | None
    """
    Stored templates.
    """
    automations: int | None
    """
    Stored automations.
    """
    custom_domains: int | None
    """
    Sending domains.
    """
    dedicated_ips: int | None
    """
    Dedicated IP addresses.
    """
    api_keys: int | None
    """
    API keys.
    """


class PlanUsage(Struct, kw_only=True):
    """
    The usage in the current billing period.
    """

    emails_sent: int
    """
    E-mails sent this month.
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
    Dedicated IP addresses.
    """
    api_keys: int
    """
    API keys that are not revoked.
    """


PrintableAscii: TypeAlias = str
"""
Printable ASCII characters without spaces.
"""


class PurchaseItem(Struct, kw_only=True):
    """
    An item of the order.
    """

    name: str
    """
    The name.
    """
    quantity: int
    """
    The quantity.
    """
    price: Money
    """
    The price of one unit, in the major unit of the currency. It is stored as given and not added up.
    """
    id: str | UnsetType = UNSET
    """
    The ID of the article in your shop.
    """


class PurchaseTrack(Struct, kw_only=True):
    """
    A purchase to record.
    """

    email: EmailAddress
    """
    The address of the buyer (case-insensitive). It need not belong to a contact.
    """
    order_id: OrderId
    amount: Money | UnsetType = UNSET
    """
    The total in the major unit of the currency, with no more decimal places than the currency has: 49.99 EUR, 5000 JPY, 1.125 KWD.
    """
    currency: Currency = "USD"
    items: list[PurchaseItem] | UnsetType = UNSET
    """
    The items of the order.
    """
    timestamp: datetime | UnsetType = UNSET
    """
    The time of the event. Defaults to now.
    """
    idempotency_key: IdempotencyKey | UnsetType = UNSET
    total_cents: int | UnsetType = UNSET
    """
    The total in the minor unit of the currency: 4999 for 49.99 EUR, 5000 for 5000 JPY. Use `amount`.
    """


PushKey: TypeAlias = str
"""
A key in base64url.
"""


class PushKeys(Struct, kw_only=True):
    """
    The keys of the subscription, in base64url.
    """

    p256dh: str
    """
    The public key.
    """
    auth: str
    """
    The authentication secret.
    """


PushLink: TypeAlias = HttpsUrl
"""
The URL to open when the notification is tapped.
"""


class PushResult(Struct, kw_only=True):
    """
    The result for one device.
    """

    to: str
    """
    The device token, or the endpoint of the subscription.
    """
    success: bool
    """
    Whether the provider accepted the notification.
    """
    message_id: str | UnsetType = UNSET
    """
    The ID that the provider assigned.
    """
    error: str | UnsetType = UNSET
    """
    The reason for the rejection.
    """


class PushSubscription(Struct, kw_only=True):
    """
    A browser's push subscription (W3C Push API). It requires a web push provider.
    """

    endpoint: HttpsUrl
    """
    The endpoint of the browser's push service.
    """
    keys: PushKeys
    expirationTime: int | None | UnsetType = UNSET
    """
    The expiration time. It is not used.
    """


PushText: TypeAlias = str
"""
The text below the title.
"""


PushTitle: TypeAlias = str
"""
The title.
"""


Rate: TypeAlias = float
"""
A fraction of the messages sent.
"""


class ReceivedAttachment(Struct, kw_only=True):
    """
    An attachment of a received message.
    """

    filename: str
    """
    The file name.
    """
    content_type: str
    """
    The media type.
    """
    content: str
    """
    The content in base64.
    """


RecipientState: TypeAlias = Literal[
    "pending", "leased", "deferred", "delivered", "captured", "bounced", "suppressed", "cancelled", "ambiguous"
]
"""
The state of a recipient. `ambiguous` means that it is unknown whether a marketing message was delivered: the connection or the
worker failed between the end of the message and the reply. Transactional messages are sent again in this case, with the same
Message-ID.
"""


class RelativeTime(Struct, kw_only=True):
    """
    A time relative to the time of evaluation, in days of 24 hours.
    """

    days_ago: int | UnsetType = UNSET
    """
    The number of days before.
    """
    days_ahead: int | UnsetType = UNSET
    """
    The number of days after.
    """


class RelayAddresses(Struct, kw_only=True):
    """
    The URL for each provider.
    """

    ses: str
    """
    For Amazon SES, through SNS.
    """
    sendgrid: str
    """
    For the SendGrid event webhook.
    """
    mailgun: str
    """
    For the Mailgun webhooks.
    """
    postmark: str
    """
    For the Postmark bounce and spam complaint webhooks.
    """


RelayProvider: TypeAlias = Literal["ses", "sendgrid", "mailgun", "postmark"]
"""
A relay provider that sends reports.
"""


RelayReport: TypeAlias = dict[str, Any] | list[dict[str, Any]]
"""
A report in the format of the provider.
"""


ReturnUrl: TypeAlias = str
"""
The URL of a page to return to.
"""


ReverseDnsName: TypeAlias = str
"""
The host name in the PTR record of the address. The operator publishes it.
"""


class SandboxCheck(Struct, kw_only=True):
    """
    The result of a check of the message as it would be sent. Checks make no network requests; links are not followed.
    """

    check: Literal["subject", "signature", "text", "size", "links", "images", "merge_tags", "unsubscribe", "headers"]
    """
    The check.
    """
    status: Literal["ok", "warning", "problem"]
    """
    `problem` if receiving servers will reject the message or people cannot use it, `warning` if they may.
    """
    detail: str
    """
    The finding, as a sentence.
    """


class SandboxSend(Struct, kw_only=True):
    """
    A captured message.
    """

    id: Id
    from_: str = field(name="from")
    """
    The address of the sender.
    """
    to: list[str]
    """
    The addresses of all recipients (to, cc and bcc); for a campaign, the first 200.
    """
    subject: str
    """
    The subject of this copy.
    """
    body_html: str | None
    """
    The HTML body of this copy; null if there is none.
    """
    body_text: str | None
    """
    The plain text body of this copy; null if there is none.
    """
    headers: dict[str, str]
    """
    The decoded header fields of this copy. The values of a repeated field are joined with line breaks. DKIM signatures are
    included only when a single message is retrieved.
    """
    created_at: datetime
    """
    The time at which the message was captured.
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
A permission of a key.
"""


class SegmentCount(Struct, kw_only=True):
    """
    Behavior: how often. Defaults to at least once.
    """

    at_least: int | UnsetType = UNSET
    """
    The smallest number of times.
    """
    at_most: int | UnsetType = UNSET
    """
    The greatest number of times; 0 means never.
    """


SegmentDescription: TypeAlias = str
"""
A description.
"""


class SegmentMemberIds(Struct, kw_only=True):
    """
    The IDs of the contacts in a segment.
    """

    segment_id: Id
    contact_ids: list[Id]
    """
    The IDs of the contacts on this page.
    """


SegmentName: TypeAlias = str
"""
A name for internal use.
"""


class SegmentPeriod(Struct, kw_only=True):
    """
    Behavior: only within this period up to now.
    """

    days: int | UnsetType = UNSET
    """
    A number of days of 24 hours.
    """
    hours: int | UnsetType = UNSET
    """
    A number of hours.
    """


class SegmentRuleEffect(Struct, kw_only=True):
    """
    The effect of a rule, or of a group of rules, on a segment.
    """

    rule: str
    """
    Its place in `filter_criteria`, such as `rules.0`.
    """
    removes: int
    """
    The number of contacts that all other rules match, but not this one, counted up to 1,000.
    """
    is_exact: bool
    """
    Whether `removes` is exact; `false` if there are more than 1,000.
    """


class SegmentSum(Struct, kw_only=True):
    """
    `purchase`: how much in total, in the major unit of the currency, which is required then.
    """

    at_least: float | UnsetType = UNSET
    """
    The smallest total.
    """
    at_most: float | UnsetType = UNSET
    """
    The greatest total of those who purchased.
    """


SegmentTime: TypeAlias = str | RelativeTime
"""
A date, a timestamp, or a time relative to the evaluation.
"""


SegmentType: TypeAlias = Literal["dynamic", "static"]
"""
A `dynamic` segment contains the contacts that match its rules; a `static` segment is a list of contacts.
"""


SegmentValue: TypeAlias = str | int | float | bool | list[str | int | float | bool] | RelativeTime
"""
The value to compare with; a list for `in` and `not_in`.
"""


class SessionAccount(Struct, kw_only=True):
    """
    The account that is signed in.
    """

    id: Id
    email: str
    """
    The e-mail address of the account.
    """
    plan: str
    """
    The identifier of the plan.
    """
    expires_at: datetime
    """
    The time at which the session expires.
    """


class SessionResponse(Struct, kw_only=True):
    """
    The account that is signed in.
    """

    account: SessionAccount
    success: bool = True
    """
    Always `true`.
    """


ShortText: TypeAlias = str
"""
A short text on one line.
"""


class SignIn(Struct, kw_only=True):
    """
    The credentials.
    """

    email: AccountEmail
    password: str
    """
    The password of the account.
    """


SingleLineText: TypeAlias = str
"""
Text on a single line.
"""


StepSubject: TypeAlias = str
"""
A subject that replaces the subject of the template. Merge tags are supported.
"""


StepTarget: TypeAlias = int | Literal["exit"]
"""
The index of a later step, counted from 0, or `exit`.
"""


StepValue: TypeAlias = str | int | float | bool
"""
A text, number or boolean value.
"""


class Subscription(Struct, kw_only=True):
    """
    The subscription of the account.
    """

    plan: str
    """
    The identifier of the plan.
    """
    status: Literal["active", "pending"]
    """
    `pending` while an order awaits confirmation by the operator.
    """
    trial_ends_at: datetime | None
    """
    Always null: there are no trials.
    """
    current_period: BillingPeriod
    cancel_at_period_end: bool
    """
    Always false: plans do not expire.
    """
    overage_enabled: bool
    """
    Always false: usage above the limits of the plan is refused.
    """
    ordered_plan: str | None
    """
    The plan of a pending order; null if there is none.
    """


SuppressionReason: TypeAlias = Literal["bounced", "complained", "unsubscribed", "manual"]
"""
The reason for the suppression.
"""


SuppressionScope: TypeAlias = Literal["all", "marketing"]
"""
The mail that is barred: `all`, or only `marketing` (campaigns, and messages with `"stream": "marketing"`), so that receipts and password
resets still reach the address. `unsubscribed` has the scope `marketing`; `bounced` and `complained` have the scope `all`.
"""


TemplateCategory: TypeAlias = str
"""
A category for organizing templates.
"""


TemplateHtml: TypeAlias = str
"""
The HTML body. Merge tags are supported; their values are escaped, except in `{{{tag}}}`.
"""


TemplateName: TypeAlias = str
"""
A name for internal use. Recipients do not see it.
"""


TemplateSubject: TypeAlias = str
"""
The subject. Merge tags are supported.
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
    The category; null if there is none.
    """
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


TemplateText: TypeAlias = str
"""
The plain text body. Merge tags are supported. Recommended, because some mail clients show only plain text.
"""


class TemplateUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed; `null` removes the plain text body or the category.
    """

    name: TemplateName | UnsetType = UNSET
    subject: TemplateSubject | UnsetType = UNSET
    body_html: TemplateHtml | UnsetType = UNSET
    body_text: TemplateText | None | UnsetType = UNSET
    """
    The plain text body; null removes it.
    """
    category: TemplateCategory | None | UnsetType = UNSET
    """
    The category; null removes it.
    """


class TimelineBucket(Struct, kw_only=True):
    """
    The metrics of one hour or day.
    """

    at: datetime
    """
    The beginning of the hour or day.
    """
    sends: int
    """
    Messages that left, each counted once.
    """
    delivered: int
    """
    Messages that receiving servers accepted and did not return later.
    """
    opens: int
    """
    Opens by humans.
    """
    unique_opens: int
    """
    Unique opens by humans.
    """
    clicks: int
    """
    Clicks by humans.
    """
    unique_clicks: int
    """
    Unique clicks by humans.
    """
    bounces: int
    """
    Messages that receiving servers rejected permanently.
    """
    complaints: int
    """
    Recipients who reported the message as spam.
    """
    unsubscribes: int
    """
    Recipients who unsubscribed.
    """


TopicDefault: TypeAlias = Literal["opt_in", "opt_out"]
"""
The subscription of contacts without a choice: with `opt_out`, all of them receive the topic until they leave it; with `opt_in`, only
those that subscribed to it.
"""


TopicDescription: TypeAlias = str
"""
A description for subscribers.
"""


TopicName: TypeAlias = str
"""
A name, unique in your account.
"""


TopicVisibility: TypeAlias = Literal["public", "private"]
"""
Whether recipients can find the topic (`public`), or only leave it by the link of its mail (`private`).
"""


class TriggerConfig(Struct, kw_only=True):
    """
    The settings of the trigger. `tag_added` and `tag_removed` require `tag`, `segment_joined` requires `segment_id`, `event_tracked`
    requires `event`, and `date_based` requires `field`. Optional filters are `list_id` for `welcome_email`, `campaign_id` for
    `campaign_opened` and `link_clicked`, `url` for `link_clicked`, and `form_id` for `form_submitted`. Settings that the trigger does
    not use are rejected.
    """

    list_id: Id | UnsetType = UNSET
    """
    The ID of the list, which is a static segment.
    """
    tag: ShortText | UnsetType = UNSET
    """
    The tag.
    """
    segment_id: Id | UnsetType = UNSET
    """
    The ID of the segment.
    """
    event: ShortText | UnsetType = UNSET
    """
    The name of the event.
    """
    field_: ShortText | UnsetType = field(name="field", default=UNSET)
    """
    The field of the contact that holds the date.
    """
    offset_days: int | UnsetType = UNSET
    """
    The number of days after the date; negative for days before it. Defaults to 0.
    """
    campaign_id: Id | UnsetType = UNSET
    """
    The ID of the campaign.
    """
    url: str | UnsetType = UNSET
    """
    The URL of the link.
    """
    form_id: Id | UnsetType = UNSET
    """
    The ID of the form.
    """


TriggerSettings: TypeAlias = dict[str, Any]
"""
The settings that each trigger requires and allows.
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
The event that enrolls a contact: `welcome_email` (the contact enters the list `list_id`, or is subscribed if no list is
specified), `contact_created`, `tag_added`, `tag_removed`, `segment_joined`, `event_tracked`, `campaign_opened`, `link_clicked`,
`date_based` (a date in a field of the contact is reached), `form_submitted`, or `api` (only by an API call).
`form_submitted` and `api` have no source in this version of the server and are refused with `feature_unavailable`.
"""


UncheckedAddress: TypeAlias = str
"""
A value to check. It need not be a valid e-mail address.
"""


UnixTime: TypeAlias = str
"""
A Unix timestamp.
"""


class UntypedStep(Struct, kw_only=True):
    """
    A step that sends an e-mail.
    """

    template_id: Id
    """
    The ID of the template.
    """
    delay_minutes: DelayMinutes = 0
    subject: StepSubject | UnsetType = UNSET


UpdateExisting: TypeAlias = bool
"""
Whether existing contacts are updated: values of the row replace the existing ones; tags and custom fields are added. If `false`,
existing contacts are skipped. A status changes only to a stronger one: an import never makes a contact `subscribed` again.
"""


class UpdateFieldStep(Struct, kw_only=True, tag_field="type", tag="update_field"):
    """
    Sets a field of the contact.
    """

    field_: ShortText = field(name="field")
    """
    The field to set.
    """
    value: StepValue
    """
    The new value.
    """
    delay_minutes: DelayMinutes = 0


class UpgradePlan(Struct, kw_only=True):
    """
    The plan of the account.
    """

    slug: str
    """
    The identifier of the plan.
    """
    name: str
    """
    The name of the plan.
    """


class UpgradeUrls(Struct, kw_only=True):
    """
    Links for people.
    """

    pricing: str
    """
    The page on which to choose another plan.
    """


class UpgradeUsage(Struct, kw_only=True):
    """
    The usage of the limit.
    """

    used: int
    """
    The amount that is used.
    """
    limit: int
    """
    The limit of the plan.
    """
    remaining: int
    """
    The amount that remains.
    """
    period: Literal["month", "total"] | None
    """
    The period over which usage is counted.
    """
    resets_at: datetime | None
    """
    The time at which the usage is reset; null if it is not.
    """


UrlSafeText: TypeAlias = str
"""
Letters, digits, `_` and `-`.
"""


class ValidationChecks(Struct, kw_only=True):
    """
    The results of the checks.
    """

    syntax: bool
    """
    Whether the syntax of the address is valid (RFC 5321) and its domain is not reserved (RFC 6761).
    """
    mx: bool | None
    """
    Whether the domain accepts e-mail: it has an MX record that names a host (RFC 7505), or an address record. null if this is
    unknown.
    """
    smtp: None
    """
    Always null: no mail server is contacted.
    """
    disposable: bool
    """
    Whether the domain provides disposable addresses.
    """
    role_account: bool
    """
    Whether the address belongs to a role rather than a person, such as info@.
    """
    free_provider: bool
    """
    Whether the domain provides free mailboxes.
    """


ValidationStatus: TypeAlias = Literal["valid", "risky", "invalid", "unknown"]
"""
`valid`: messages should arrive. `risky`: messages may arrive, but the address is disposable, shared by several people, or looks
mistyped. `invalid`: messages cannot arrive. `unknown`: the DNS lookup failed; try again later.
"""


class ValidationSummary(Struct, kw_only=True):
    """
    The number of addresses with each status.
    """

    total: int
    """
    All addresses.
    """
    valid: int
    """
    Valid addresses.
    """
    risky: int
    """
    Risky addresses.
    """
    invalid: int
    """
    Invalid addresses.
    """
    unknown: int
    """
    Addresses whose DNS lookup failed.
    """


class WaitStep(Struct, kw_only=True, tag_field="type", tag="wait"):
    """
    Waits before the next step.
    """

    delay_minutes: DelayMinutes = 0
    """
    The time to wait, in minutes.
    """


WarmupStatus: TypeAlias = Literal["not_started", "warming", "active", "paused"]
"""
`not_started` until the address is assigned. `warming` for 30 days with a daily sending limit, then `active`. `paused` if
`warmup_enabled` is `false` during these days: the days continue to count, but no limit applies.
"""


class Webhook(Struct, kw_only=True):
    """
    A webhook without its secret.
    """

    id: Id
    url: str
    """
    The URL to which events are posted.
    """
    events: list[EventType]
    """
    The event types to post.
    """
    active: bool
    """
    Whether events are posted.
    """
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


WebhookDeliveryState: TypeAlias = Literal["pending", "delivered", "failed"]
"""
`pending` until the event is delivered, including between retries. `failed` if all retries have failed.
"""


class WebhookResponse(Struct, kw_only=True):
    """
    The webhook.
    """

    webhook: Webhook
    success: bool = True
    """
    Always `true`.
    """


WebhookSecret: TypeAlias = str
"""
The secret that signs the requests.
"""


class WebhookSecretRotate(Struct, kw_only=True):
    """
    The new secret. If none is specified, it is generated.
    """

    secret: WebhookSecret | UnsetType = UNSET


class WebhookStep(Struct, kw_only=True, tag_field="type", tag="webhook"):
    """
    Posts the contact to a URL.
    """

    url: HttpsUrl
    """
    The URL to post to.
    """
    delay_minutes: DelayMinutes = 0


WebhookUrl: TypeAlias = str
"""
The https URL to which events are posted, without user name and password.
"""


WhatsappLanguage: TypeAlias = str
"""
The language of the template (BCP 47; `_` is also accepted as separator).
"""


class WhatsappParameter(Struct, kw_only=True):
    """
    A value for the next placeholder of the template.
    """

    text: str
    """
    The value.
    """
    type: Literal["text"] = "text"
    """
    The type of the value.
    """


WhatsappTemplateName: TypeAlias = str
"""
The name of a template that WhatsApp has approved.
"""


WhatsappText: TypeAlias = str
"""
Free text. WhatsApp accepts it only within 24 hours of the last message from the recipient.
"""


class SendEmailParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `send_email`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes the request safe to retry. For seven days, a request with the same key returns the stored response of the first one, with
    `idempotent: true`. `idempotency_key` in the body has the same effect and takes precedence over this header.

    Requests are the same if they mean the same: the order of fields, the spelling of a time or of an internationalized domain, a default
    that is written out, and a deprecated name instead of its successor make no difference. Another request with the same key fails with
    `idempotency_mismatch`. While the first request is in progress, a repeat fails with `idempotency_in_flight` and `Retry-After`.
    """
    x_misar_mail_sandbox: bool = False
    """
    Capture the message in the sandbox instead of delivering it.
    """
    x_source_app: str | UnsetType = UNSET
    """
    The name of the calling application. It is stored with the message.
    """


class TemplateList(Struct, kw_only=True):
    """
    A page of templates.
    """

    templates: list[TemplateSummary]
    """
    The templates on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class ListTemplatesParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_templates`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """
    category: str | UnsetType = UNSET
    """
    Filter by category.
    """
    search: str | UnsetType = UNSET
    """
    Filter by words. The name or the subject must contain each word (case-insensitive).
    """


class TemplateRenderResponse(Struct, kw_only=True):
    """
    The message that a recipient with these values would receive.
    """

    subject: str
    """
    The subject.
    """
    body_html: str
    """
    The HTML body.
    """
    body_text: str | None
    """
    The plain text body; null if the template has none.
    """
    success: bool = True
    """
    Always `true`.
    """
    warnings: MergeWarnings | UnsetType = UNSET


class TemplateDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class ListCampaignsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_campaigns`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    per_page: int = 20
    """
    Use `limit`, which takes precedence.
    """
    limit: int | UnsetType = UNSET
    """
    The maximum number of items per page. Defaults to `per_page`.
    """
    status: CampaignStatus | UnsetType = UNSET
    """
    Filter by status.
    """


class CampaignDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class CampaignSendResponse(Struct, kw_only=True):
    """
    The campaign that was scheduled.
    """

    message: str
    """
    A human-readable sentence.
    """
    campaign_id: Id
    scheduled_at: datetime
    """
    The time at which the campaign is due.
    """
    success: bool = True
    """
    Always `true`.
    """
    status: Literal["scheduled"] = "scheduled"
    """
    The new status.
    """
    idempotent: bool | UnsetType = UNSET
    """
    `true` if this is the stored response of an earlier call with the same idempotency key.
    """


class SendCampaignParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `send_campaign`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes the request safe to retry. For seven days, a request with the same key returns the stored response of the first one, with
    `idempotent: true`. `idempotency_key` in the body has the same effect and takes precedence over this header.

    Requests are the same if they mean the same: the order of fields, the spelling of a time or of an internationalized domain, a default
    that is written out, and a deprecated name instead of its successor make no difference. Another request with the same key fails with
    `idempotency_mismatch`. While the first request is in progress, a repeat fails with `idempotency_in_flight` and `Retry-After`.
    """


class ListCampaignRecipientsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_campaign_recipients`.
    """

    state: RecipientState | UnsetType = UNSET
    """
    Filter by state.
    """
    opened: bool | UnsetType = UNSET
    """
    Filter by whether a person opened the message.
    """
    clicked: bool | UnsetType = UNSET
    """
    Filter by whether a person clicked a link.
    """
    cursor: Cursor | UnsetType = UNSET
    """
    The `next_cursor` of the previous page; `limit` may differ, all other parameters must be the same, and `page` must be left out.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class ListAutomationsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_automations`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """
    status: AutomationStatus | UnsetType = UNSET
    """
    Filter by status.
    """


class AutomationDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class ListAutomationEnrollmentsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_automation_enrollments`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class ListAbTestsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_ab_tests`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class WhatsappSendResponse(Struct, kw_only=True):
    """
    The message that was sent.
    """

    message_id: str
    """
    The ID that the provider assigned to the message.
    """
    success: bool = True
    """
    Always `true`.
    """
    status: Literal["sent"] = "sent"
    """
    Always `sent`.
    """
    channel: Literal["whatsapp"] = "whatsapp"
    """
    Always `whatsapp`.
    """
    idempotent: bool | UnsetType = UNSET
    """
    `true` if this is the stored response of an earlier call with the same idempotency key.
    """


class SendWhatsappParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `send_whatsapp`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes the request safe to retry. For seven days, a request with the same key returns the stored response of the first one, with
    `idempotent: true`. `idempotency_key` in the body has the same effect and takes precedence over this header.

    Requests are the same if they mean the same: the order of fields, the spelling of a time or of an internationalized domain, a default
    that is written out, and a deprecated name instead of its successor make no difference. Another request with the same key fails with
    `idempotency_mismatch`. While the first request is in progress, a repeat fails with `idempotency_in_flight` and `Retry-After`.
    """


class PushSendResponse(Struct, kw_only=True):
    """
    The notification that was sent.
    """

    message_id: Id
    sent: int
    """
    The number of devices for which the notification was accepted.
    """
    failed: int
    """
    The number of devices for which the notification was rejected.
    """
    results: list[PushResult]
    """
    The result for each device, in the order of the request.
    """
    success: bool = True
    """
    Always `true`.
    """
    channel: Literal["push"] = "push"
    """
    Always `push`.
    """
    idempotent: bool | UnsetType = UNSET
    """
    `true` if this is the stored response of an earlier call with the same idempotency key.
    """


class SendPushParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `send_push`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes the request safe to retry. For seven days, a request with the same key returns the stored response of the first one, with
    `idempotent: true`. `idempotency_key` in the body has the same effect and takes precedence over this header.

    Requests are the same if they mean the same: the order of fields, the spelling of a time or of an internationalized domain, a default
    that is written out, and a deprecated name instead of its successor make no difference. Another request with the same key fails with
    `idempotency_mismatch`. While the first request is in progress, a repeat fails with `idempotency_in_flight` and `Retry-After`.
    """


class ListContactFieldsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_contact_fields`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class ContactFieldDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class ListContactsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_contacts`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 50
    """
    The maximum number of items per page.
    """
    cursor: Cursor | UnsetType = UNSET
    """
    The `next_cursor` of the previous page; `limit` may differ, all other parameters must be the same, and `page` must be left out.
    """
    status: ContactStatus | UnsetType = UNSET
    """
    Filter by status.
    """
    segment_id: Id | UnsetType = UNSET
    """
    Filter by segment.
    """
    tag: ContactTag | UnsetType = UNSET
    """
    Filter by tag (case-insensitive).
    """
    search: str | UnsetType = UNSET
    """
    Filter by words. Each word must be the beginning of the address, first name, last name or company (case-insensitive).
    """
    id: Id | UnsetType = UNSET
    """
    Return only this contact. Fails with 404 if it does not exist.
    """


class ContactDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class DeleteContactByQueryParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `delete_contact_by_query`.
    """

    id: Id
    """
    The ID of the contact.
    """


class ContactImportResponse(Struct, kw_only=True):
    """
    The result of the import.
    """

    summary: ContactImportSummary
    errors: list[ContactImportError]
    """
    The rows that are not valid, in order; at most 1,000.
    """
    success: bool = True
    """
    Always `true`.
    """
    idempotent: bool | UnsetType = UNSET
    """
    `true` if this is the stored response of an earlier call with the same idempotency key.
    """


class ImportContactsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `import_contacts`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes the request safe to retry. For seven days, a request with the same key returns the stored response of the first one, with
    `idempotent: true`. `idempotency_key` in the body has the same effect and takes precedence over this header.

    Requests are the same if they mean the same: the order of fields, the spelling of a time or of an internationalized domain, a default
    that is written out, and a deprecated name instead of its successor make no difference. Another request with the same key fails with
    `idempotency_mismatch`. While the first request is in progress, a repeat fails with `idempotency_in_flight` and `Retry-After`.
    """
    update_existing: bool = False
    """
    Identical to `update_existing` in a JSON body, for CSV.
    """


class ExportContactsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `export_contacts`.
    """

    status: ContactStatus | UnsetType = UNSET
    """
    Filter by status.
    """
    segment_id: Id | UnsetType = UNSET
    """
    Filter by segment.
    """


class ContactEraseResponse(Struct, kw_only=True):
    """
    The person that was erased.
    """

    id: Id
    suppressed: bool
    """
    Whether a suppression of the address remains.
    """
    success: bool = True
    """
    Always `true`.
    """


class ContactActivityList(Struct, kw_only=True):
    """
    A page of activity.
    """

    activity: list[ContactActivity]
    """
    The activity on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    pagination: Pagination
    """
    Use `total`, `page` and `limit`.
    """
    success: bool = True
    """
    Always `true`.
    """


class ListContactActivityParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_contact_activity`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class ListSegmentsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_segments`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class SegmentDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class PreviewSegmentParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `preview_segment`.
    """

    explain: bool = False
    """
    Whether to count what each rule removes. On large lists it takes longer than the preview itself.
    """


class SegmentMemberList(Struct, kw_only=True):
    """
    A page of the contacts of the segment.
    """

    data: SegmentMemberIds
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    pagination: Pagination
    """
    Use `total`, `page` and `limit`.
    """
    success: bool = True
    """
    Always `true`.
    """


class ListSegmentMembersParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_segment_members`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class ListTopicsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_topics`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class TopicDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class SandboxSendList(Struct, kw_only=True):
    """
    A page of captured messages.
    """

    sends: list[SandboxSend]
    """
    The messages on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class ListSandboxSendsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_sandbox_sends`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class SandboxDeleted(Struct, kw_only=True):
    """
    The number of messages that were deleted.
    """

    deleted: int
    """
    The number of messages that were deleted.
    """
    success: bool = True
    """
    Always `true`.
    """


class SendToSandboxParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `send_to_sandbox`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes the request safe to retry. For seven days, a request with the same key returns the stored response of the first one, with
    `idempotent: true`. `idempotency_key` in the body has the same effect and takes precedence over this header.

    Requests are the same if they mean the same: the order of fields, the spelling of a time or of an internationalized domain, a default
    that is written out, and a deprecated name instead of its successor make no difference. Another request with the same key fails with
    `idempotency_mismatch`. While the first request is in progress, a repeat fails with `idempotency_in_flight` and `Retry-After`.
    """


class SandboxSendResponse(Struct, kw_only=True):
    """
    The captured message.
    """

    send: SandboxSend
    checks: list[SandboxCheck]
    """
    The checks, in the order of their names in this document.
    """
    raw: str | None
    """
    The complete message as it would be transmitted; null if it is larger than 1,000,000 bytes or cannot be composed.
    """
    success: bool = True
    """
    Always `true`.
    """


class GetSandboxSendParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_sandbox_send`.
    """

    recipient: str | UnsetType = UNSET
    """
    The address of the recipient whose copy is returned. Defaults to the first recipient.
    """


class ListDomainsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_domains`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 100
    """
    The maximum number of items per page.
    """


class DomainDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class ListDomainsUnversionedParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_domains_unversioned`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 100
    """
    The maximum number of items per page.
    """


class ListAliasesParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_aliases`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 100
    """
    The maximum number of items per page.
    """


class AliasDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class ListInboundDomainsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_inbound_domains`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 100
    """
    The maximum number of items per page.
    """


class InboundDomainDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class GetValidationParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_validation`.
    """

    email: UncheckedAddress | UnsetType = UNSET
    """
    The address. Required unless `address` is given.
    """
    address: UncheckedAddress | UnsetType = UNSET
    """
    Use `email`.
    """


class ListDedicatedIpsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_dedicated_ips`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 100
    """
    The maximum number of items per page.
    """


class DedicatedIpDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class KeyCreateResponse(Struct, kw_only=True):
    """
    The new key.
    """

    key: str
    """
    The secret. It cannot be retrieved again.
    """
    id: Id
    key_prefix: str
    """
    `msk_` and the first 8 characters of the secret, to identify the key.
    """
    name: KeyName
    scopes: str
    """
    The scopes, separated by commas.
    """
    created_at: datetime
    """
    The time of creation.
    """
    expires_at: datetime | None
    """
    The time at which the key expires; null if it does not.
    """
    success: bool = True
    """
    Always `true`.
    """


class KeyDeleted(Struct, kw_only=True):
    """
    The key that was revoked.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class DeleteKeyByQueryParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `delete_key_by_query`.
    """

    id: Id
    """
    The ID of the key.
    """


class ListSuppressionsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_suppressions`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """
    reason: SuppressionReason | UnsetType = UNSET
    """
    Filter by reason.
    """
    scope: SuppressionScope | UnsetType = UNSET
    """
    Filter by scope.
    """
    search: str | UnsetType = UNSET
    """
    Filter by the beginning of the address (case-insensitive).
    """


class GetSuppressionParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_suppression`.
    """

    reason: SuppressionReason | UnsetType = UNSET
    """
    The reason.
    """


class SuppressionDeleted(Struct, kw_only=True):
    """
    The address whose suppression was removed.
    """

    email: str
    """
    The address in lower case.
    """
    success: bool = True
    """
    Always `true`.
    """


class DeleteSuppressionParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `delete_suppression`.
    """

    reason: SuppressionReason | UnsetType = UNSET
    """
    The reason.
    """


class GetAnalyticsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_analytics`.
    """

    start_date: DateOrTime | UnsetType = UNSET
    """
    The first day of the period (UTC). Defaults to 30 days before the last day.
    """
    end_date: DateOrTime | UnsetType = UNSET
    """
    The last day of the period (UTC). Defaults to today.
    """
    campaign_id: Id | UnsetType = UNSET
    """
    Filter by campaign.
    """
    group_by: Literal["hour", "day"] | UnsetType = UNSET
    """
    Adds a timeline with one entry for each hour or day.
    """


class GetAnalyticsOverviewParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_analytics_overview`.
    """

    period: Literal["7d", "30d", "90d", "365d"] = "30d"
    """
    The length of the period, which ends now.
    """
    from_: DateOrTime | UnsetType = UNSET
    """
    The first day of the period (UTC). A timestamp stands for its day.
    """
    to: DateOrTime | UnsetType = UNSET
    """
    The last day of the period (UTC). A timestamp stands for its day. Defaults to today.
    """
    campaign_id: Id | UnsetType = UNSET
    """
    Filter by campaign.
    """
    group_by: Literal["hour", "day"] | UnsetType = UNSET
    """
    Adds a timeline with one entry for each hour or day.
    """


class WebhookList(Struct, kw_only=True):
    """
    A page of webhooks.
    """

    webhooks: list[Webhook]
    """
    The webhooks on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class ListWebhooksParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_webhooks`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class WebhookCreateResponse(Struct, kw_only=True):
    """
    The new webhook and its secret.
    """

    webhook: Webhook
    secret: str
    """
    The secret. It cannot be retrieved again.
    """
    success: bool = True
    """
    Always `true`.
    """


class RelayAddressesResponse(Struct, kw_only=True):
    """
    The URL for each provider.
    """

    addresses: RelayAddresses
    success: bool = True
    """
    Always `true`.
    """


class RelayReportResponse(Struct, kw_only=True):
    """
    The result of the report.
    """

    events: int
    """
    The number of bounces, complaints and unsubscribes in the report.
    """
    success: bool = True
    """
    Always `true`.
    """


class WebhookDeleted(Struct, kw_only=True):
    """
    The object that was deleted.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class WebhookAttemptResponse(Struct, kw_only=True):
    """
    The result of the attempt.
    """

    delivery_id: Id
    delivered: bool
    """
    Whether the endpoint returned a 2xx status.
    """
    status_code: int | None
    """
    The status code of the response; null if there was none.
    """
    error: str | None
    """
    The error; null if there was none.
    """
    success: bool = True
    """
    Always `true`, even if the endpoint rejected the event.
    """


class WebhookSecretRotateResponse(Struct, kw_only=True):
    """
    The new secret.
    """

    secret: str
    """
    The secret. It cannot be retrieved again.
    """
    success: bool = True
    """
    Always `true`.
    """


class ListWebhookDeliveriesParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_webhook_deliveries`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """
    state: WebhookDeliveryState | UnsetType = UNSET
    """
    Filter by state.
    """


class GetCampaignAnalyticsParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `get_campaign_analytics`.
    """

    group_by: Literal["hour", "day"] = "day"
    """
    The resolution of the timeline.
    """


class EventTrackResponse(Struct, kw_only=True):
    """
    The event that was recorded.
    """

    event_id: Id
    success: bool = True
    """
    Always `true`.
    """


class TrackPurchaseParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `track_purchase`.
    """

    idempotency_key: IdempotencyKey | UnsetType = UNSET
    """
    Makes the request safe to retry. For seven days, a request with the same key returns the stored response of the first one, with
    `idempotent: true`. `idempotency_key` in the body has the same effect and takes precedence over this header.

    Requests are the same if they mean the same: the order of fields, the spelling of a time or of an internationalized domain, a default
    that is written out, and a deprecated name instead of its successor make no difference. Another request with the same key fails with
    `idempotency_mismatch`. While the first request is in progress, a repeat fails with `idempotency_in_flight` and `Retry-After`.
    """


class UsageResponse(Struct, kw_only=True):
    """
    The usage of the current month.
    """

    plan: str
    """
    The identifier of the plan.
    """
    billing_period: BillingPeriod
    usage: PlanUsage
    limits: PlanLimits
    success: bool = True
    """
    Always `true`.
    """


class PlanResponse(Struct, kw_only=True):
    """
    The plan and its limits.
    """

    plan: Plan
    usage: list[PlanAllowance]
    """
    The limits of the plan.
    """
    success: bool = True
    """
    Always `true`.
    """


class AuditEntryList(Struct, kw_only=True):
    """
    A page of audit log entries, newest first.
    """

    entries: list[AuditEntry]
    """
    The entries on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    pagination: Pagination
    """
    Use `total`, `page` and `limit`.
    """
    success: bool = True
    """
    Always `true`.
    """


class ListAuditEntriesParameters(Struct, kw_only=True):
    """
    Query, header and cookie parameters of `list_audit_entries`.
    """

    page: int = 1
    """
    The page number, starting at 1. A page after the last one is empty.
    """
    limit: int = 20
    """
    The maximum number of items per page.
    """


class AccountDeleted(Struct, kw_only=True):
    """
    The account that was disconnected.
    """

    id: Id
    success: bool = True
    """
    Always `true`.
    """


class SubscriptionResponse(Struct, kw_only=True):
    """
    The subscription, its limits and its usage.
    """

    subscription: Subscription
    limits: PlanLimits
    usage: PlanUsage
    success: bool = True
    """
    Always `true`.
    """


class BillingUrlResponse(Struct, kw_only=True):
    """
    The URL at which to continue.
    """

    url: str
    """
    The URL of a web page.
    """
    success: bool = True
    """
    Always `true`.
    """


class SignOutResponse(Struct, kw_only=True):
    """
    The session was ended.
    """

    success: bool = True
    """
    Always `true`.
    """


class PasswordResetResponse(Struct, kw_only=True):
    """
    The request was accepted.
    """

    success: bool = True
    """
    Always `true`.
    """


class PasswordResetConfirmResponse(Struct, kw_only=True):
    """
    The password was set.
    """

    success: bool = True
    """
    Always `true`.
    """


class HealthResponse(Struct, kw_only=True):
    """
    The process responds.
    """

    version: str
    """
    The version of the server.
    """
    success: bool = True
    """
    Always `true`.
    """
    status: Literal["ok"] = "ok"
    """
    Always `ok`.
    """


class ReadinessResponse(Struct, kw_only=True):
    """
    The server can accept work.
    """

    due_count: int
    """
    The number of recipients whose delivery is due, counted up to 1,000.
    """
    success: bool = True
    """
    Always `true`.
    """
    status: Literal["ready"] = "ready"
    """
    Always `ready`.
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
    The percentage of the audience that receives the variants.
    """
    variant_count: int
    """
    The number of variants.
    """
    winner_id: str | None
    """
    The winning variant; null until one has been chosen.
    """
    created_at: datetime
    """
    The time of creation.
    """


class AbTestVariant(Struct, kw_only=True):
    """
    A variant and its results.
    """

    id: Id
    name: str
    """
    The name for internal use.
    """
    subject: str | None
    """
    The subject that replaces the subject of the campaign; null if the variant uses that of the campaign.
    """
    body_html: str | None
    """
    The HTML body that replaces that of the campaign; null if the variant uses that of the campaign.
    """
    body_text: str | None
    """
    The plain text body that replaces that of the campaign; null if the variant uses that of the campaign.
    """
    from_name: str | None
    """
    The sender name that replaces that of the campaign; null if the variant uses that of the campaign.
    """
    send_count: int
    """
    The number of messages sent.
    """
    open_count: int
    """
    The number of recipients who opened the message.
    """
    click_count: int
    """
    The number of recipients who clicked a link.
    """
    reply_count: int
    """
    The number of recipients who replied.
    """
    rate: float | None
    """
    The metric as a fraction of the messages sent; null if none has been sent.
    """
    credible_interval: CredibleInterval
    probability_best: float
    """
    The probability that the variant has the highest true rate.
    """


class AbTestVariantCreate(Struct, kw_only=True):
    """
    The fields in which a variant differs from the campaign.
    """

    name: str | UnsetType = UNSET
    """
    A name for internal use. Defaults to A, B, C and so on.
    """
    subject: TemplateSubject | UnsetType = UNSET
    body_html: TemplateHtml | UnsetType = UNSET
    body_text: CampaignBodyText | UnsetType = UNSET
    from_name: DisplayName | UnsetType = UNSET
    """
    The display name of the sender.
    """


class AbTestWinnerChoice(Struct, kw_only=True):
    """
    The choice of the winner.
    """

    variant_id: Id
    """
    The ID of the variant.
    """


class Account(Struct, kw_only=True):
    """
    A connected e-mail account.
    """

    id: Id
    email: str
    """
    The e-mail address of the account.
    """
    name: str | None
    """
    The display name; null if none was specified.
    """
    imap_host: str
    """
    The IMAP server.
    """
    imap_port: int
    """
    The IMAP port.
    """
    smtp_host: str
    """
    The SMTP server.
    """
    smtp_port: int
    """
    The SMTP port.
    """
    sync_status: Literal["pending", "syncing", "synced", "error"]
    """
    The result of the last connection.
    """
    is_default: bool
    """
    Whether this account is the default sender.
    """
    created_at: datetime
    """
    The time at which the account was connected.
    """
    verified_at: datetime | None
    """
    The time at which the address became a verified sender; null if its code was not entered yet.
    """


class AccountCreate(Struct, kw_only=True):
    """
    An e-mail account to connect.
    """

    email: EmailAddress
    """
    The e-mail address of the account.
    """
    imap_host: MailServerHost
    """
    The IMAP server.
    """
    imap_port: int
    """
    Port 993 uses implicit TLS; other ports use STARTTLS.
    """
    smtp_host: MailServerHost
    """
    The SMTP server.
    """
    smtp_port: int
    """
    Port 465 uses implicit TLS; other ports use STARTTLS.
    """
    username: str
    """
    The user name.
    """
    password: str
    """
    The password. It is stored encrypted and never returned.
    """
    name: DisplayName | UnsetType = UNSET


class AddTagStep(Struct, kw_only=True, tag_field="type", tag="add_tag"):
    """
    Adds a tag to the contact.
    """

    tag: ShortText
    """
    The tag.
    """
    delay_minutes: DelayMinutes = 0


class AddressValidate(Struct, kw_only=True):
    """
    One address, or a list of addresses.
    """

    email: UncheckedAddress | UnsetType = UNSET
    emails: list[UncheckedAddress] | UnsetType = UNSET
    """
    The addresses.
    """


class Alias(Struct, kw_only=True):
    """
    An alias.
    """

    id: Id
    email: str
    """
    The e-mail address in lower case.
    """
    name: str | None
    """
    The display name; null if there is none.
    """
    is_default: AliasDefault
    is_verified: bool
    """
    Whether the address, or its domain, is currently a verified sender.
    """
    ip_pool: IpPool
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class AliasCreate(Struct, kw_only=True):
    """
    An alias to create.
    """

    email: EmailAddress
    """
    An address that the account may send from. It is stored in lower case.
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
    Always `true`.
    """


class AliasUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed.
    """

    name: DisplayName | None | UnsetType = UNSET
    """
    The display name; null removes it.
    """
    is_default: AliasDefault | UnsetType = UNSET
    ip_pool: IpPool | UnsetType = UNSET


class AnalyticsCampaign(Struct, kw_only=True):
    """
    The campaign that the analytics cover.
    """

    id: Id
    name: str
    """
    The name.
    """
    status: str
    """
    The status.
    """
    sent_at: datetime | None
    """
    The time at which all messages were queued; null before.
    """


class AnalyticsMetrics(Struct, kw_only=True):
    """
    Delivery and engagement metrics.
    """

    sends: int
    """
    Messages that left, each counted once: delivered, bounced or ambiguous.
    """
    delivered: int
    """
    Messages that receiving servers accepted and did not return later.
    """
    opens: int
    """
    Opens by humans.
    """
    unique_opens: int
    """
    Unique opens by humans, counted once per message.
    """
    clicks: int
    """
    Clicks by humans.
    """
    unique_clicks: int
    """
    Unique clicks by humans, counted once per message.
    """
    machine_opens: int
    """
    Opens by bots.
    """
    machine_clicks: int
    """
    Clicks by bots.
    """
    bounces: int
    """
    Messages that receiving servers rejected permanently.
    """
    hard_bounces: int
    """
    Bounces because the mailbox does not exist.
    """
    soft_bounces: int
    """
    Bounces for any other reason.
    """
    complaints: int
    """
    Recipients who reported the message as spam.
    """
    unsubscribes: int
    """
    Recipients who unsubscribed.
    """
    open_rate: Rate
    """
    Unique opens divided by sends.
    """
    click_rate: Rate
    """
    Unique clicks divided by sends.
    """
    bounce_rate: Rate
    """
    Bounces divided by sends.
    """
    complaint_rate: Rate
    """
    Complaints divided by sends.
    """
    unsubscribe_rate: Rate
    """
    Unsubscribes divided by sends.
    """


class Attribution(Struct, kw_only=True):
    """
    The message that a purchase is attributed to.
    """

    source: AttributionSource
    campaign_id: str | None
    """
    The campaign of the message; null if there is none.
    """
    automation_id: str | None
    """
    The automation of the message; null if there is none.
    """
    message_id: str | None
    """
    The message; null if `source` is `none`.
    """
    click_timestamp: datetime | None
    """
    The time of the click; null unless `source` is `click`.
    """


class AutomationCreate(Struct, kw_only=True):
    """
    An automation to create.
    """

    name: AutomationName
    trigger_type: TriggerType
    steps: list[AutomationStepCreate]
    """
    The steps, in order. An automation without steps cannot be activated.
    """
    trigger_config: TriggerConfig | UnsetType = UNSET
    exit_on: list[ExitCondition] | UnsetType = UNSET
    """
    Events that end an enrollment before its last step.
    """


class AutomationEvent(Struct, kw_only=True):
    """
    A contact completed an automation.
    """

    id: EventId
    type: Literal["automation.completed"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
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
    The number of steps.
    """
    enrolled: int
    """
    The number of contacts that have been enrolled.
    """
    created_at: datetime
    """
    The time of creation.
    """


class AutomationUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed. Changing `trigger_type` resets `trigger_config`.
    """

    name: AutomationName | UnsetType = UNSET
    trigger_type: TriggerType | UnsetType = UNSET
    trigger_config: TriggerConfig | UnsetType = UNSET
    steps: list[AutomationStepCreate] | UnsetType = UNSET
    """
    The steps, in order. An automation without steps cannot be activated.
    """
    exit_on: list[ExitCondition] | UnsetType = UNSET
    """
    Events that end an enrollment before its last step.
    """


class CampaignAudienceResponse(Struct, kw_only=True):
    """
    How many contacts the campaign would be sent to now, and how many of its audience are left out, each for its first reason.
    """

    campaign_id: Id
    count: int
    """
    The number of contacts that would be mailed.
    """
    left_out: CampaignLeftOut
    success: bool = True
    """
    Always `true`.
    """


class CampaignEvent(Struct, kw_only=True):
    """
    An event of a campaign.
    """

    id: EventId
    type: Literal["campaign.sent", "campaign.completed"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: CampaignEventDetails


class CampaignMetrics(Struct, kw_only=True):
    """
    The metrics of a campaign.
    """

    total_recipients: int
    """
    The number of recipients.
    """
    total_sent: int
    """
    Messages that left, each counted once.
    """
    total_delivered: int
    """
    Messages that receiving servers accepted and did not return later.
    """
    total_opened: int
    """
    Recipients who opened the message, as in the progress of the campaign.
    """
    total_clicked: int
    """
    Recipients who clicked a link, as in the progress of the campaign.
    """
    total_bounced: int
    """
    Messages that receiving servers rejected permanently.
    """
    total_complained: int
    """
    Recipients who reported the message as spam.
    """
    total_unsubscribed: int
    """
    Recipients who unsubscribed.
    """
    opens: int
    """
    Opens by humans.
    """
    clicks: int
    """
    Clicks by humans.
    """
    unique_opens: int
    """
    Unique opens by humans.
    """
    unique_clicks: int
    """
    Unique clicks by humans.
    """
    machine_opens: int
    """
    Opens by bots.
    """
    machine_clicks: int
    """
    Clicks by bots.
    """
    open_rate: Rate
    """
    Unique opens divided by sends.
    """
    click_rate: Rate
    """
    Unique clicks divided by sends.
    """
    bounce_rate: Rate
    """
    Bounces divided by sends.
    """
    complaint_rate: Rate
    """
    Complaints divided by sends.
    """
    unsubscribe_rate: Rate
    """
    Unsubscribes divided by sends.
    """


class CampaignProgress(Struct, kw_only=True):
    """
    The progress of a campaign.
    """

    campaign_id: Id
    status: CampaignStatus
    scheduled_at: datetime | None
    """
    The time at which the campaign is due; null if none is set.
    """
    started_at: datetime | None
    """
    The time at which sending started; null before.
    """
    completed_at: datetime | None
    """
    The time at which the last message was completed; null before.
    """
    total_recipients: int
    """
    The number of recipients; 0 until sending starts.
    """
    total_sent: int
    """
    The number of messages that left, each once: delivered, bounced or ambiguous.
    """
    total_delivered: int
    """
    The number of messages that receiving servers accepted and did not return later.
    """
    total_opened: int
    """
    The number of recipients who opened the message.
    """
    total_clicked: int
    """
    The number of recipients who clicked a link.
    """
    total_bounced: int
    """
    The number of messages that bounced, at once or later.
    """
    total_complained: int
    """
    The number of recipients who reported the message as spam.
    """
    total_unsubscribed: int
    """
    The number of recipients who unsubscribed.
    """
    suppressed_count: int
    """
    The number of recipients who were not mailed because of a suppression.
    """
    waiting_count: int
    """
    The number of recipients whose message is still queued.
    """
    cancelled_count: int
    """
    The number of recipients who were not mailed because of a cancellation.
    """
    captured_count: int
    """
    The number of messages in the sandbox inbox of a server that delivers no mail.
    """
    reason: CampaignReason


class CampaignRecipient(Struct, kw_only=True):
    """
    A recipient of a campaign.
    """

    email: str
    """
    The address of the recipient.
    """
    contact_id: str | None
    """
    The ID of the contact; null if the person was erased.
    """
    state: RecipientState
    finished_at: datetime | None
    """
    The time at which the state became final; null before.
    """
    opened_at: datetime | None
    """
    The time of the first open by a person; null if there is none.
    """
    clicked_at: datetime | None
    """
    The time of the first click by a person; null if there is none.
    """


class CampaignSchedule(Struct, kw_only=True):
    """
    The time at which to send the campaign.
    """

    scheduled_at: CampaignSendTime
    """
    The time at which to send the campaign. It must be in the future.
    """


CampaignSegments: TypeAlias = list[Id]
"""
The IDs of segments.
"""


class CampaignSend(Struct, kw_only=True):
    """
    The time at which to send the campaign.
    """

    scheduled_at: CampaignSendTime | UnsetType = UNSET
    """
    The time at which to send the campaign. A time in the past means now.
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
    The segment to send to; null for all subscribed contacts.
    """
    topic_id: str | None
    """
    The topic that the recipients must be subscribed to; null for none.
    """
    total_recipients: int
    """
    The number of recipients; 0 until sending starts.
    """
    total_sent: int
    """
    The number of messages that left, each once: delivered, bounced or ambiguous.
    """
    total_opened: int
    """
    The number of recipients who opened the message.
    """
    total_clicked: int
    """
    The number of recipients who clicked a link.
    """
    total_bounced: int
    """
    The number of messages that bounced, at once or later.
    """
    reason: CampaignReason
    sent_at: datetime | None
    """
    The time at which all messages were queued; null before.
    """
    created_at: datetime
    """
    The time of creation.
    """


class CampaignTest(Struct, kw_only=True):
    """
    The recipients of the test.
    """

    emails: list[EmailAddress]
    """
    The addresses. An address that is specified twice receives one message.
    """


class CampaignTestMessage(Struct, kw_only=True):
    """
    A test message that was accepted.
    """

    email: str
    """
    The address of the recipient.
    """
    message_id: Id


class CheckoutCreate(Struct, kw_only=True):
    """
    The plan to order.
    """

    plan: Literal["pro", "max", "enterprise"]
    """
    The identifier of the plan.
    """
    period: Literal["monthly", "yearly"] = "monthly"
    """
    The billing interval.
    """
    success_url: ReturnUrl | UnsetType = UNSET
    """
    The page to return to after the order.
    """
    cancel_url: ReturnUrl | UnsetType = UNSET
    """
    The page to return to if the order is cancelled.
    """


class ConditionStep(Struct, kw_only=True, tag_field="type", tag="condition"):
    """
    Continues with one step or another, or ends the enrollment. It can only jump forward, so every enrollment ends.
    """

    field_: ShortText = field(name="field")
    """
    The field of the contact to compare.
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
    The comparison. `is_empty` and `is_not_empty` take no `value`.
    """
    delay_minutes: DelayMinutes = 0
    value: StepValue | list[StepValue] | UnsetType = UNSET
    """
    The value to compare with; a list for `in` and `not_in`.
    """
    then: StepTarget | UnsetType = UNSET
    """
    The step to continue with if the condition holds. Defaults to the next step.
    """
    else_: StepTarget | UnsetType = field(name="else", default=UNSET)
    """
    The step to continue with if the condition does not hold. Defaults to `exit`.
    """


class Contact(Struct, kw_only=True):
    """
    A contact.
    """

    id: Id
    email: str
    """
    The e-mail address in lower case.
    """
    first_name: str | None
    """
    The first name; null if there is none.
    """
    last_name: str | None
    """
    The last name; null if there is none.
    """
    phone: str | None
    """
    The phone number; null if there is none.
    """
    company: str | None
    """
    The company; null if there is none.
    """
    status: ContactStatus
    tags: ContactTags
    custom_fields: CustomFields
    source: str | None
    """
    The origin of the contact; null if it is unknown.
    """
    timezone: str | None
    """
    The time zone (IANA); null if it is unknown.
    """
    locale: str | None
    """
    The language and region (BCP 47); null if they are unknown.
    """
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class ContactCreate(Struct, kw_only=True):
    """
    A contact to create.
    """

    email: EmailAddress
    """
    The e-mail address. It is stored in lower case and must be unique in your account.
    """
    first_name: ContactName | UnsetType = UNSET
    last_name: ContactName | UnsetType = UNSET
    phone: ContactPhone | UnsetType = UNSET
    company: CompanyName | UnsetType = UNSET
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus = "subscribed"
    source: ContactSource | UnsetType = UNSET
    timezone: ContactTimezone | UnsetType = UNSET
    locale: ContactLocale | UnsetType = UNSET


class ContactDataChannelMessage(Struct, kw_only=True):
    """
    A WhatsApp or push message to the contact.
    """

    id: Id
    channel: str
    """
    `whatsapp` or `push`.
    """
    request: dict[str, Any]
    """
    The request that sent it.
    """
    created_at: datetime
    """
    The time of the request.
    """


class ContactDataEnrollment(Struct, kw_only=True):
    """
    The progress of the contact through an automation.
    """

    automation_id: Id
    status: str
    """
    The status of the enrollment.
    """
    enrolled_at: datetime
    """
    The time of enrollment.
    """
    finished_at: datetime | None
    """
    The time at which it ended; null before.
    """


class ContactDataMessage(Struct, kw_only=True):
    """
    A message to the person.
    """

    message_id: Id
    subject: str
    """
    The subject, for a campaign with its merge tags.
    """
    campaign_id: str | None
    """
    The campaign of the message; null if there is none.
    """
    state: RecipientState
    values: dict[str, Any] | None
    """
    The values that were merged into a campaign's mail; null for other messages.
    """
    created_at: datetime
    """
    The time at which the message was accepted.
    """
    finished_at: datetime | None
    """
    The time at which the state became final; null before.
    """


class ContactEvent(Struct, kw_only=True):
    """
    A contact was created or updated.
    """

    id: EventId
    type: Literal["contact.created", "contact.updated"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: ContactEventDetails


class ContactField(Struct, kw_only=True):
    """
    A declared field.
    """

    id: Id
    name: ContactFieldName
    type: ContactFieldType
    default: CustomFieldValue
    """
    The value for contacts without one; null if there is none.
    """
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class ContactFieldCreate(Struct, kw_only=True):
    """
    A field to declare.
    """

    name: ContactFieldName
    type: ContactFieldType
    default: CustomFieldValue | UnsetType = UNSET
    """
    The value that merge tags and segments use for contacts without one; null for none.
    """


class ContactFieldResponse(Struct, kw_only=True):
    """
    The declared field.
    """

    contact_field: ContactField
    success: bool = True
    """
    Always `true`.
    """


class ContactFieldUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed.
    """

    default: CustomFieldValue | UnsetType = UNSET
    """
    The value for contacts without one; null removes it.
    """


ContactIds: TypeAlias = list[Id]
"""
The IDs of contacts.
"""


class ContactImport(Struct, kw_only=True):
    """
    The contacts to import, up to 10,000.
    """

    contacts: list[ContactImportRow]
    """
    The rows, with the fields of a contact to create. A row that is not valid is reported with its number, starting at 1, and
    skipped; the other rows are imported.
    """
    update_existing: UpdateExisting = False
    idempotency_key: IdempotencyKey | UnsetType = UNSET


class ContactResponse(Struct, kw_only=True):
    """
    The contact.
    """

    contact: Contact
    success: bool = True
    """
    Always `true`.
    """


class ContactTopic(Struct, kw_only=True):
    """
    A topic, and whether a contact is subscribed to it.
    """

    topic_id: Id
    name: TopicName
    visibility: TopicVisibility
    subscribed: bool
    """
    Whether the contact is subscribed to the topic.
    """
    at: datetime | None
    """
    The time of the last choice; null if the default of the topic applies.
    """
    source: str | None
    """
    Where the last choice was made: `api`, `link` (the unsubscribe link or its button) or `mail` (an unsubscribe request by mail). New
    sources may be added. Null if the default of the topic applies.
    """


class ContactTopicChoice(Struct, kw_only=True):
    """
    A topic, and whether to subscribe to it.
    """

    topic_id: Id
    subscribed: bool
    """
    `true` subscribes, `false` leaves the topic.
    """


class ContactTopicsUpdate(Struct, kw_only=True):
    """
    The topics to subscribe to or to leave.
    """

    topics: list[ContactTopicChoice]
    """
    The topics to change.
    """


class ContactUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed; `null` removes a value. `tags` replaces all tags.
    `custom_fields` updates only the fields that it names. The address cannot be changed.
    """

    first_name: ContactName | None | UnsetType = UNSET
    """
    The first name; null removes it.
    """
    last_name: ContactName | None | UnsetType = UNSET
    """
    The last name; null removes it.
    """
    phone: ContactPhone | None | UnsetType = UNSET
    """
    The phone number; null removes it.
    """
    company: CompanyName | None | UnsetType = UNSET
    """
    The company; null removes it.
    """
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus | UnsetType = UNSET
    source: ContactSource | None | UnsetType = UNSET
    """
    The origin of the contact; null removes it.
    """
    timezone: ContactTimezone | None | UnsetType = UNSET
    """
    The time zone; null removes it.
    """
    locale: ContactLocale | None | UnsetType = UNSET
    """
    The locale; null removes it.
    """


class ContactUpdateByEmail(Struct, kw_only=True):
    """
    The contact to update and its new values, as for `update_contact`.
    """

    email: EmailAddress
    """
    The address of the contact to update. It is not changed.
    """
    first_name: ContactName | None | UnsetType = UNSET
    """
    The first name; null removes it.
    """
    last_name: ContactName | None | UnsetType = UNSET
    """
    The last name; null removes it.
    """
    phone: ContactPhone | None | UnsetType = UNSET
    """
    The phone number; null removes it.
    """
    company: CompanyName | None | UnsetType = UNSET
    """
    The company; null removes it.
    """
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus | UnsetType = UNSET
    source: ContactSource | None | UnsetType = UNSET
    """
    The origin of the contact; null removes it.
    """
    timezone: ContactTimezone | None | UnsetType = UNSET
    """
    The time zone; null removes it.
    """
    locale: ContactLocale | None | UnsetType = UNSET
    """
    The locale; null removes it.
    """


class ContactUpsert(Struct, kw_only=True):
    """
    A contact to create, or the new values of the contact with this address.
    """

    email: EmailAddress
    """
    The e-mail address. It is compared in lower case.
    """
    first_name: ContactName | UnsetType = UNSET
    last_name: ContactName | UnsetType = UNSET
    phone: ContactPhone | UnsetType = UNSET
    company: CompanyName | UnsetType = UNSET
    tags: ContactTags | UnsetType = UNSET
    custom_fields: CustomFields | UnsetType = UNSET
    status: ContactStatus | UnsetType = UNSET
    """
    The status. A new contact is `subscribed` by default; the status of an existing one only gets stronger.
    """
    source: ContactSource | UnsetType = UNSET
    timezone: ContactTimezone | UnsetType = UNSET
    locale: ContactLocale | UnsetType = UNSET


class ContactUpsertResponse(Struct, kw_only=True):
    """
    The contact.
    """

    created: bool
    """
    Whether the contact was created; `false` if it existed.
    """
    contact: Contact
    success: bool = True
    """
    Always `true`.
    """


class ContactsImportedEvent(Struct, kw_only=True):
    """
    An import of contacts ended.
    """

    id: EventId
    type: Literal["contacts.imported"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: ContactsImportedEventDetails


class CreatedTemplate(Struct, kw_only=True):
    """
    A new template, without its bodies.
    """

    id: Id
    name: TemplateName
    subject: TemplateSubject
    category: str | None
    """
    The category; null if there is none.
    """
    created_at: datetime
    """
    The time of creation.
    """
    warnings: MergeWarnings | UnsetType = UNSET


class DedicatedIp(Struct, kw_only=True):
    """
    A dedicated IP address, or a claim to one.
    """

    id: Id
    address: str | None
    """
    The IPv4 or IPv6 address; null while none is assigned.
    """
    status: Literal["provisioning", "active"]
    """
    `provisioning` until an address is assigned.
    """
    pool: IpPool
    rdns: str | None
    """
    The host name in the PTR record of the address; null if none was requested.
    """
    warmup_enabled: bool
    """
    Whether the daily limit of the warm-up applies.
    """
    warmup_status: WarmupStatus
    warmup_day: int | None
    """
    The day of the warm-up, starting at 1; null before the first day.
    """
    warmup_percent: int
    """
    The progress of the warm-up in percent.
    """
    daily_limit: int | None
    """
    The number of messages that the address may send today; null if there is no limit.
    """
    created_at: datetime
    """
    The time of the claim.
    """
    provisioned_at: datetime | None
    """
    The time at which the address was assigned and the warm-up started; null before.
    """


class DedicatedIpCreate(Struct, kw_only=True):
    """
    The settings of the address to claim.
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
    Always `true`.
    """


class DedicatedIpUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed.
    """

    pool: IpPool | UnsetType = UNSET
    rdns: ReverseDnsName | None | UnsetType = UNSET
    """
    The host name in the PTR record of the address; null removes it.
    """
    warmup_enabled: bool | UnsetType = UNSET
    """
    Whether the daily limit of the warm-up applies.
    """


class DnsObservation(Struct, kw_only=True):
    """
    The result of a lookup.
    """

    status: DnsRecordStatus
    found: list[str]
    """
    All records of this type at this name.
    """
    error: Literal["timeout", "server_failure"] | None
    """
    The reason why the lookup failed; the status is then unchanged. null if the lookup succeeded.
    """


class DnsObservations(Struct, kw_only=True):
    """
    The results of the lookups, by purpose.
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
    A DNS record to publish. A TXT value longer than 255 characters is published as several strings; most DNS providers split it
    automatically.
    """

    type: Literal["TXT", "MX", "CNAME"]
    """
    The type of the record.
    """
    host: str
    """
    The fully qualified name, without a trailing dot.
    """
    value: str
    """
    The required value.
    """
    status: DnsRecordStatus
    priority: int | UnsetType = UNSET
    """
    The preference of an MX record.
    """


class DnsRecords(Struct, kw_only=True):
    """
    The DNS records by purpose.
    """

    dkim: DnsRecord
    """
    The public RSA key that verifies signatures (RFC 6376). After a rotation, the new key.
    """
    dkim_ed25519: DnsRecord
    """
    The public Ed25519 key that verifies signatures (RFC 8463). Optional.
    """
    spf: DnsRecord
    """
    Authorizes this server to send (RFC 7208). If an SPF record exists, add the mechanism to it: a name may have only one SPF record.
    """
    dmarc: DnsRecord
    """
    The policy for messages that fail authentication (RFC 7489). Any record with v=DMARC1 is valid. Recommended.
    """
    mx: DnsRecord
    """
    Receives e-mail on a subdomain (see inbound domains). Do not publish it for a domain that has mailboxes. Recommended.
    """
    return_path: DnsRecord
    """
    The host that receives bounces. Recommended.
    """


class Domain(Struct, kw_only=True):
    """
    A domain.
    """

    id: Id
    domain: str
    """
    The name in lower case and in Punycode (xn--).
    """
    status: DomainStatus
    dkim_status: DnsRecordStatus
    """
    `valid` if a key that is in use was found.
    """
    spf_status: DnsRecordStatus
    dmarc_status: DnsRecordStatus
    dns_records: DnsRecords
    proof: DnsRecord
    """
    Proves the ownership of a domain that several accounts claim. Needed only in that case. Remove the record of another account
    first.
    """
    created_at: datetime
    """
    The time of creation.
    """
    verified_at: datetime | None
    """
    The time of the last successful verification; null if there was none.
    """
    checked_at: datetime | None
    """
    The time of the last lookup; null if there was none.
    """


class DomainCreate(Struct, kw_only=True):
    """
    A domain to create.
    """

    domain: DomainName
    """
    The domain or subdomain. It is stored in lower case and in Punycode (xn--).
    """


class DomainResponse(Struct, kw_only=True):
    """
    The domain.
    """

    domain: Domain
    success: bool = True
    """
    Always `true`.
    """


class DomainSummary(Struct, kw_only=True):
    """
    A domain without its DNS records.
    """

    id: Id
    domain: str
    """
    The name in lower case and in Punycode (xn--).
    """
    status: DomainStatus
    dkim_status: DnsRecordStatus
    """
    `valid` if a key that is in use was found.
    """
    spf_status: DnsRecordStatus
    dmarc_status: DnsRecordStatus
    created_at: datetime
    """
    The time of creation.
    """


class EmailBouncedEvent(Struct, kw_only=True):
    """
    A receiving server rejected a message permanently.
    """

    id: EventId
    type: Literal["email.bounced"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: EmailBouncedEventDetails


class EmailClickedEvent(Struct, kw_only=True):
    """
    A person clicked a link in a message.
    """

    id: EventId
    type: Literal["email.clicked"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: EmailClickedEventDetails


class EmailEvent(Struct, kw_only=True):
    """
    An event of a message.
    """

    id: EventId
    type: Literal["email.sent", "email.delivered", "email.complained", "email.unsubscribed"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: EmailEventDetails


class EmailOpenedEvent(Struct, kw_only=True):
    """
    A person opened a message.
    """

    id: EventId
    type: Literal["email.opened"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: EmailOpenedEventDetails


class EmailReceivedEventDetails(Struct, kw_only=True):
    """
    The received message.
    """

    id: str
    """
    The ID of the received message.
    """
    from_: str = field(name="from")
    """
    The address of the author.
    """
    to: list[str]
    """
    The addresses that the message was sent to.
    """
    subject: str
    """
    The subject.
    """
    html: str | None
    """
    The HTML body; null if there is none.
    """
    text: str | None
    """
    The plain text body; null if there is none.
    """
    reply_text: str | None
    """
    The plain text without quoted text; null if there is none.
    """
    attachments: list[ReceivedAttachment]
    """
    The attachments.
    """
    headers: dict[str, str]
    """
    The header fields, by name.
    """
    spf: str
    """
    The SPF result.
    """
    dkim: str
    """
    The DKIM result.
    """
    dmarc: str
    """
    The DMARC result.
    """
    received_at: datetime
    """
    The time at which the message was received.
    """


class Enrollment(Struct, kw_only=True):
    """
    The progress of a contact through an automation.
    """

    id: Id
    contact_id: Id
    status: Literal["active", "completed", "exited", "failed"]
    """
    The status.
    """
    position: int
    """
    The index of the next step, counted from 0.
    """
    due_at: datetime | None
    """
    The time at which the next step is due; null if there is none.
    """
    enrolled_at: datetime
    """
    The time of the enrollment.
    """
    finished_at: datetime | None
    """
    The time at which the enrollment ended; null before.
    """
    exit_reason: str | None
    """
    The event that ended the enrollment early; null otherwise.
    """


EventProperties: TypeAlias = dict[str, EventProperty]
"""
The properties of the event, by name.
"""


class EventTrack(Struct, kw_only=True):
    """
    An event to record.
    """

    email: EmailAddress | UnsetType = UNSET
    """
    The address of the person (case-insensitive). It need not belong to a contact.
    """
    contact_id: Id | UnsetType = UNSET
    """
    The ID of the contact.
    """
    event: EventName | UnsetType = UNSET
    properties: EventProperties | UnsetType = UNSET
    timestamp: datetime | UnsetType = UNSET
    """
    The time of the event. Defaults to now.
    """
    message_id: Id | UnsetType = UNSET
    """
    The ID of the message that led to the event.
    """


class InboundDomain(Struct, kw_only=True):
    """
    A domain that receives e-mail.
    """

    id: Id
    subdomain: str
    """
    The domain in lower case and in Punycode (xn--).
    """
    webhook_url: str
    """
    The URL to which each message is posted.
    """
    status: Literal["active"]
    """
    Always `active`. Whether e-mail arrives depends on the MX record.
    """
    mx_record: MxRecord
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class InboundDomainCreate(Struct, kw_only=True):
    """
    An inbound domain to create.
    """

    subdomain: DomainName
    """
    The fully qualified domain, such as replies.example.com.
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
    Always `true`.
    """


class InboundDomainUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed.
    """

    webhook_url: InboundWebhookUrl | UnsetType = UNSET
    webhook_secret: InboundWebhookSecret | UnsetType = UNSET
    """
    The new secret. It is not returned again.
    """


class InboundDomainWithSecret(Struct, kw_only=True):
    """
    An inbound domain and its secret.
    """

    id: Id
    subdomain: str
    """
    The domain in lower case and in Punycode (xn--).
    """
    webhook_url: str
    """
    The URL to which each message is posted.
    """
    webhook_secret: str
    """
    The secret that signs each request (HMAC-SHA256). It is returned only here.
    """
    status: Literal["active"]
    """
    Always `active`. Whether e-mail arrives depends on the MX record.
    """
    mx_record: MxRecord
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class Key(Struct, kw_only=True):
    """
    An API key without its secret.
    """

    id: Id
    name: KeyName
    key_prefix: str
    """
    `msk_` and the first 8 characters of the secret, to identify the key.
    """
    scopes: str
    """
    The scopes, separated by commas.
    """
    allowed_account_id: str | None
    """
    The connected account that the key may send from; null if it may use every sender of the account.
    """
    is_active: bool
    """
    `false` if the key is revoked or expired.
    """
    last_used_at: datetime | None
    """
    The time of the last use, to the minute; null if the key has not been used.
    """
    created_at: datetime
    """
    The time of creation.
    """
    expires_at: datetime | None
    """
    The time at which the key expires; null if it does not.
    """


class KeyCreate(Struct, kw_only=True):
    """
    A key to create.
    """

    name: KeyName
    scopes: list[Scope] = field(default_factory=lambda: convert(["send"], type=list[Scope]))
    """
    The scopes of the key. The calling key must have all of them.
    """
    expires_at: datetime | UnsetType = UNSET
    """
    The time at which the key expires. It must be in the future and not after the expiry of the calling key, which is also the
    default.
    """
    allowed_account_id: Id | UnsetType = UNSET
    """
    The ID of a connected account. The key can then send only from the address of this account.
    """


MergeGroupValue: TypeAlias = MergeScalar | dict[str, MergeScalar] | list[MergeScalar | dict[str, MergeScalar]]
"""
A value in a group or a list.
"""


MergeValue: TypeAlias = MergeScalar | dict[str, MergeGroupValue] | list[MergeScalar | dict[str, MergeGroupValue]]
"""
A value, a group of values that a tag refers to with a dot, or a list that a section repeats.
"""


MergeValues: TypeAlias = dict[str, MergeValue]
"""
Values of merge tags, as JSON: `{{first_name}}` is replaced by `first_name`, `{{contact.company}}` by `company` in `contact`, and
`{{#items}}{{name}}{{/items}}` is repeated for each element of `items`. Names are compared without case if there is no exact match, and
`{{plan}}`, `{{contact.plan}}`, `{{custom.plan}}` and `{{custom_fields.plan}}` reach a field of the contact. Line breaks are refused where
a value would enter a header field.
"""


class MessageRecipient(Struct, kw_only=True):
    """
    An envelope recipient.
    """

    email: str
    """
    The address of the recipient.
    """
    kind: Literal["to", "cc", "bcc"]
    """
    The header field that names the recipient.
    """
    state: RecipientState
    attempt_count: int
    """
    The number of delivery attempts.
    """
    next_attempt_at: datetime | None
    """
    The time of the next attempt; null if the state is final.
    """
    finished_at: datetime | None
    """
    The time at which the state became final; null before.
    """


PushDevice: TypeAlias = DeviceToken | PushSubscription
"""
A device token or a push subscription.
"""


class PushSend(Struct, kw_only=True):
    """
    A notification to one or more devices.
    """

    title: PushTitle
    body: PushText
    to: DeviceToken | PushSubscription | list[PushDevice] | UnsetType = UNSET
    """
    A device, or a list of up to 500 devices.
    """
    contact_id: Id | UnsetType = UNSET
    """
    The ID of the contact whose devices receive the notification.
    """
    data: dict[str, str] | UnsetType = UNSET
    """
    Custom values for the app.
    """
    url: PushLink | UnsetType = UNSET
    icon: HttpsUrl | UnsetType = UNSET
    """
    The URL of an image.
    """
    ttl: int | UnsetType = UNSET
    """
    Seconds for which the push service stores the notification if the device is offline. Defaults to the value of the push service.
    """
    idempotency_key: IdempotencyKey | UnsetType = UNSET


class PushStep(Struct, kw_only=True, tag_field="type", tag="push"):
    """
    Sends a push notification to the devices of the contact.
    """

    title: PushTitle
    body: PushText
    delay_minutes: DelayMinutes = 0
    url: PushLink | UnsetType = UNSET


class RemoveTagStep(Struct, kw_only=True, tag_field="type", tag="remove_tag"):
    """
    Removes a tag from the contact.
    """

    tag: ShortText
    """
    The tag.
    """
    delay_minutes: DelayMinutes = 0


class SegmentProperty(Struct, kw_only=True):
    """
    A condition on a property of an event, compared as a custom field is.
    """

    field_: str = field(name="field")
    """
    The name of the property.
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
    The comparison.
    """
    value: SegmentValue | UnsetType = UNSET


class SegmentRule(Struct, kw_only=True):
    """
    A rule (`field`, `operator`, and usually `value`) or a group (`operator` and `rules`).

    **Fields of a contact.** email, first_name, last_name, phone, company, source, timezone, locale, status, tags, created_at,
    updated_at and `custom_fields.<name>`. Text comparisons are case-insensitive. For `tags`, `equals` and `contains` match contacts that have the
    tag. `before`, `after`, `less_than` and `greater_than` compare created_at and updated_at with a date or a timestamp. `before` and
    `after` do so with custom fields too: both sides are instants, whatever their offset; without one they are in UTC, and a date
    (`2026-03-01`, `2026-03` or `2026`) is its beginning. A field that is not a date or a timestamp does not match. The value may be
    relative to the time of evaluation: `{"days_ago": 30}` or `{"days_ahead": 7}`. `anniversary` matches if the day and month of the
    field, whatever its year, fall on a day (UTC) from today on up to `{"days_ahead": 7}`, or from `{"days_ago": 7}` up to today; 29
    February counts as 28 February in other years. Contacts without a value match only `not_equals`, `not_contains`, `not_in` and
    `is_empty`.

    **Other segments.** `in_segment` with `equals`, `not_equals`, `in` or `not_in` and the ID of a segment, or several. A segment cannot
    contain itself, not even by way of others.

    **Topics.** `in_topic` with `equals`, `not_equals`, `in` or `not_in` and the ID of a topic, or several: the contacts that are
    subscribed to it, by choice or by its default.

    **Behavior.** The fields `email.sent`, `email.delivered`, `email.opened`, `email.clicked`, `email.bounced`, `event` and `purchase`
    with the operator `did` or `did_not`. `campaign_id` restricts mail to a campaign, `url` clicks to a link; `name` is the name of a
    tracked event and `properties` are conditions on its properties; `product` (the ID or the name of an item) and `currency` restrict
    purchases. `count` and `sum` say how often and how much, `within`, `before` and `after` when. `did_not` negates all of it: never, or
    not within that time. Mail is attributed by its address. Opens and clicks are those of people, not of programs. A mail is sent when
    it leaves the queue, and delivered if it did not bounce later; captured and suppressed mail is not sent.
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
        "anniversary",
        "is_empty",
        "is_not_empty",
        "in",
        "not_in",
        "did",
        "did_not",
        "AND",
        "OR",
    ]
    """
    The comparison; AND or OR for a group.
    """
    field_: str | UnsetType = field(name="field", default=UNSET)
    """
    The field to compare, or the behavior.
    """
    value: SegmentValue | UnsetType = UNSET
    campaign_id: Id | UnsetType = UNSET
    """
    Behavior with mail: only mail of this campaign.
    """
    url: str | UnsetType = UNSET
    """
    `email.clicked`: only clicks on the link with this target.
    """
    name: str | UnsetType = UNSET
    """
    `event`: the name of the event; it is required.
    """
    properties: list[SegmentProperty] | UnsetType = UNSET
    """
    `event`: conditions on its properties, which must all match.
    """
    product: str | UnsetType = UNSET
    """
    `purchase`: only orders with an item of this ID or name.
    """
    currency: Currency | UnsetType = UNSET
    """
    `purchase`: only orders in this currency.
    """
    count: SegmentCount | UnsetType = UNSET
    sum: SegmentSum | UnsetType = UNSET
    within: SegmentPeriod | UnsetType = UNSET
    before: SegmentTime | UnsetType = UNSET
    """
    Behavior: only before this time.
    """
    after: SegmentTime | UnsetType = UNSET
    """
    Behavior: only from this time on.
    """
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
    The ID of the template.
    """
    delay_minutes: DelayMinutes = 0
    subject: StepSubject | UnsetType = UNSET


class SuppressedRecipient(Struct, kw_only=True):
    """
    A recipient who was skipped.
    """

    email: str
    """
    The address of the recipient.
    """
    reason: SuppressionReason
    scope: SuppressionScope
    topic_id: Id | UnsetType = UNSET
    """
    The topic of the message, if the recipient is skipped only because it is not subscribed to it.
    """


class Suppression(Struct, kw_only=True):
    """
    A suppressed address, or a suppressed domain.
    """

    email: str
    """
    The address in lower case, or `*@` and a domain.
    """
    reason: SuppressionReason
    scope: SuppressionScope
    expires_at: datetime | None
    """
    The time at which the suppression ends; null if it does not.
    """
    created_at: datetime
    """
    The time of the suppression.
    """


class SuppressionCreate(Struct, kw_only=True):
    """
    An address to suppress.
    """

    email: EmailAddress
    """
    The address, or a whole domain as in `*@old.example`.
    """
    reason: SuppressionReason = "manual"
    scope: SuppressionScope | UnsetType = UNSET
    """
    The mail that is barred. Defaults to the scope of the reason, and to `all` for `manual`.
    """
    expires_at: datetime | None | UnsetType = UNSET
    """
    The time at which the suppression ends, for the reason `manual`.
    """


class SuppressionResponse(Struct, kw_only=True):
    """
    The suppressed address.
    """

    suppression: Suppression
    success: bool = True
    """
    Always `true`.
    """


class Template(Struct, kw_only=True):
    """
    A template.
    """

    id: Id
    name: TemplateName
    subject: TemplateSubject
    body_html: TemplateHtml
    body_text: str | None
    """
    The plain text body; null if there is none.
    """
    category: str | None
    """
    The category; null if there is none.
    """
    variables: list[str]
    """
    The names of the merge tags, in the order of their first use in the subject, the HTML body and the plain text body.
    """
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """
    warnings: MergeWarnings | UnsetType = UNSET


class TemplateCreate(Struct, kw_only=True):
    """
    A template to create.
    """

    name: TemplateName
    subject: TemplateSubject
    body_html: TemplateHtml
    body_text: TemplateText | UnsetType = UNSET
    category: TemplateCategory | UnsetType = UNSET


class TemplateRender(Struct, kw_only=True):
    """
    The template to render and the values of its merge tags.
    """

    template_id: Id
    """
    The template to render.
    """
    contact: MergeValues | UnsetType = UNSET


class TemplateResponse(Struct, kw_only=True):
    """
    The template.
    """

    template: Template
    success: bool = True
    """
    Always `true`.
    """


class Topic(Struct, kw_only=True):
    """
    A topic.
    """

    id: Id
    name: TopicName
    description: str | None
    """
    A description for subscribers; null if there is none.
    """
    default: TopicDefault
    visibility: TopicVisibility
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class TopicCreate(Struct, kw_only=True):
    """
    A topic to create.
    """

    name: TopicName
    description: TopicDescription | UnsetType = UNSET
    default: TopicDefault = "opt_out"
    visibility: TopicVisibility = "public"


class TopicResponse(Struct, kw_only=True):
    """
    The topic.
    """

    topic: Topic
    success: bool = True
    """
    Always `true`.
    """


class TopicUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed.
    """

    name: TopicName | UnsetType = UNSET
    description: TopicDescription | None | UnsetType = UNSET
    """
    A description for subscribers; null removes it.
    """
    visibility: TopicVisibility | UnsetType = UNSET


class Upgrade(Struct, kw_only=True):
    """
    The limit that has been reached, and how to raise it.
    """

    feature: str
    """
    The limit.
    """
    current_plan: UpgradePlan
    usage: UpgradeUsage
    urls: UpgradeUrls


class ValidationResult(Struct, kw_only=True):
    """
    The result of the validation of an address.
    """

    email: str
    """
    The address as given.
    """
    status: ValidationStatus
    score: int
    """
    The quality of the address, from 0 to 100.
    """
    checks: ValidationChecks
    suggestion: str | None
    """
    The address that was probably meant; null if the address does not look mistyped.
    """
    checked_at: datetime
    """
    The time of the DNS lookup.
    """


class WarmupIp(Struct, kw_only=True):
    """
    The warm-up of an address.
    """

    id: Id
    ip_address: str
    """
    The IP address.
    """
    pool_name: IpPool
    status: WarmupStatus
    warmup_day: int
    """
    The day of the warm-up, starting at 1.
    """
    daily_limit_today: int | None
    """
    The number of messages that the address may send today; null if there is no limit.
    """
    sent_today: int
    """
    The number of messages that the address has sent today.
    """
    progress_pct: int
    """
    The progress of the warm-up in percent.
    """


class WebhookCreate(Struct, kw_only=True):
    """
    A webhook to create.
    """

    url: WebhookUrl
    events: EventTypes
    secret: WebhookSecret | UnsetType = UNSET


class WebhookDelivery(Struct, kw_only=True):
    """
    The delivery of an event to a webhook.
    """

    id: Id
    event_id: str
    """
    The ID of the event. It is the same for every webhook that receives the event.
    """
    event_type: EventType
    state: WebhookDeliveryState
    attempt_count: int
    """
    The number of attempts.
    """
    status_code: int | None
    """
    The status code of the last response; null if there was none.
    """
    error: str | None
    """
    The error of the last attempt; null if there was none.
    """
    next_attempt_at: datetime | None
    """
    The time of the next attempt; null if there is none.
    """
    created_at: datetime
    """
    The time of the event.
    """


class WebhookUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed.
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
    The ID of the contact that the message is for. It is stored with the message.
    """
    template_name: WhatsappTemplateName | UnsetType = UNSET
    parameters: list[WhatsappParameter] | UnsetType = UNSET
    """
    The values of the template's placeholders, in order.
    """
    language: WhatsappLanguage = "en"
    message: WhatsappText | UnsetType = UNSET
    idempotency_key: IdempotencyKey | UnsetType = UNSET


class WhatsappStep(Struct, kw_only=True, tag_field="type", tag="whatsapp"):
    """
    Sends a WhatsApp message to the number in the `phone` field of the contact.
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
    Always `true`.
    """


class CampaignList(Struct, kw_only=True):
    """
    A page of campaigns.
    """

    campaigns: list[CampaignSummary]
    """
    The campaigns on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    pagination: CampaignPagination
    """
    Use `total`, `page` and `limit`.
    """
    success: bool = True
    """
    Always `true`.
    """


class CampaignTestResponse(Struct, kw_only=True):
    """
    The test messages that were accepted.
    """

    messages: list[CampaignTestMessage]
    """
    One message for each address.
    """
    success: bool = True
    """
    Always `true`.
    """
    suppressed: list[SuppressedRecipient] | UnsetType = UNSET
    """
    Addresses that were skipped because they are suppressed.
    """


class CampaignRecipientList(Struct, kw_only=True):
    """
    A page of recipients.
    """

    recipients: list[CampaignRecipient]
    """
    The recipients on this page.
    """
    next_cursor: NextCursor
    success: bool = True
    """
    Always `true`.
    """


class CampaignProgressResponse(Struct, kw_only=True):
    """
    The progress of the campaign.
    """

    progress: CampaignProgress
    success: bool = True
    """
    Always `true`.
    """


class AutomationList(Struct, kw_only=True):
    """
    A page of automations.
    """

    automations: list[AutomationSummary]
    """
    The automations on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class EnrollmentList(Struct, kw_only=True):
    """
    A page of enrollments.
    """

    enrollments: list[Enrollment]
    """
    The enrollments on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class AbTestList(Struct, kw_only=True):
    """
    A page of A/B tests.
    """

    ab_tests: list[AbTestSummary]
    """
    The A/B tests on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class ContactFieldList(Struct, kw_only=True):
    """
    A page of declared fields.
    """

    contact_fields: list[ContactField]
    """
    The declared fields on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class ContactList(Struct, kw_only=True):
    """
    A page of contacts.
    """

    contacts: list[Contact]
    """
    The contacts on this page.
    """
    total: int
    """
    The total number of items on all pages; with a cursor, at the time of the first page.
    """
    page: int
    """
    The number of this page; 1 with a cursor.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    next_cursor: NextCursor
    pagination: Pagination
    """
    Use `total`, `page` and `limit`.
    """
    success: bool = True
    """
    Always `true`.
    """
    contact: Contact | UnsetType = UNSET
    """
    The contact with the given `id`; only if `id` is given.
    """


class ContactSearchResponse(Struct, kw_only=True):
    """
    A page of the contacts that match.
    """

    contacts: list[Contact]
    """
    The contacts on this page.
    """
    count: int
    """
    The number of contacts that match, counted up to 1,000; with a cursor, at the time of the first page.
    """
    is_count_exact: bool
    """
    Whether `count` is exact; `false` if there are more than 1,000 contacts.
    """
    limit: int
    """
    The maximum number of contacts per page.
    """
    next_cursor: NextCursor
    success: bool = True
    """
    Always `true`.
    """


class ContactTopicsResponse(Struct, kw_only=True):
    """
    All topics, with the subscriptions of the contact.
    """

    topics: list[ContactTopic]
    """
    The topics, newest first.
    """
    success: bool = True
    """
    Always `true`.
    """


class SegmentPreviewResponse(Struct, kw_only=True):
    """
    The current contacts of the segment.
    """

    segment_id: Id
    count: int
    """
    The number of contacts, counted up to 1,000.
    """
    is_count_exact: bool
    """
    Whether `count` is exact; `false` if there are more than 1,000 contacts.
    """
    contacts: list[Contact]
    """
    Some of the contacts, at most ten.
    """
    success: bool = True
    """
    Always `true`.
    """
    rules: list[SegmentRuleEffect] | UnsetType = UNSET
    """
    With `explain`: for each rule that must match, how many contacts it removes. Empty for a static segment, and if any rule suffices.
    """


class TopicList(Struct, kw_only=True):
    """
    A page of topics.
    """

    topics: list[Topic]
    """
    The topics on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class DomainList(Struct, kw_only=True):
    """
    A page of domains.
    """

    domains: list[DomainSummary]
    """
    The domains on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class DomainVerifyResponse(Struct, kw_only=True):
    """
    The domain and the results of the lookups.
    """

    verified: bool
    """
    Whether the domain can be used for sending.
    """
    domain: Domain
    checks: DnsObservations
    success: bool = True
    """
    Always `true`.
    """


class AliasList(Struct, kw_only=True):
    """
    A page of aliases.
    """

    aliases: list[Alias]
    """
    The aliases on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class InboundDomainList(Struct, kw_only=True):
    """
    A page of inbound domains.
    """

    domains: list[InboundDomain]
    """
    The inbound domains on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class InboundDomainCreateResponse(Struct, kw_only=True):
    """
    The inbound domain was created. Its secret is returned only here.
    """

    domain: InboundDomainWithSecret
    success: bool = True
    """
    Always `true`.
    """


class ValidationResponse(Struct, kw_only=True):
    """
    The result of the validation.
    """

    result: ValidationResult
    success: bool = True
    """
    Always `true`.
    """


class AddressValidateResponse(Struct, kw_only=True):
    """
    `result` if `email` was given; `results` and `summary` if `emails` was given.
    """

    success: bool = True
    """
    Always `true`.
    """
    result: ValidationResult | UnsetType = UNSET
    results: list[ValidationResult] | UnsetType = UNSET
    """
    The results, in the order of `emails`.
    """
    summary: ValidationSummary | UnsetType = UNSET


class DedicatedIpList(Struct, kw_only=True):
    """
    A page of dedicated IPs.
    """

    ips: list[DedicatedIp]
    """
    The dedicated IPs on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class DedicatedIpCreateResponse(Struct, kw_only=True):
    """
    The dedicated IP was claimed.
    """

    ip: DedicatedIp
    message: str
    """
    A human-readable sentence.
    """
    success: bool = True
    """
    Always `true`.
    """


class WarmupResponse(Struct, kw_only=True):
    """
    The warm-up of each address.
    """

    data: list[WarmupIp]
    """
    The addresses, newest first.
    """
    count: int
    """
    The number of addresses.
    """
    success: bool = True
    """
    Always `true`.
    """


class KeyList(Struct, kw_only=True):
    """
    The API keys of the account.
    """

    keys: list[Key]
    """
    The keys, newest first.
    """
    total: int
    """
    The total number of items.
    """
    page: int
    """
    The number of this page: 1, because all items are on one page.
    """
    limit: int
    """
    The number of items on the page; at least 1.
    """
    success: bool = True
    """
    Always `true`.
    """


class KeyResponse(Struct, kw_only=True):
    """
    The API key.
    """

    key: Key
    success: bool = True
    """
    Always `true`.
    """


class SuppressionList(Struct, kw_only=True):
    """
    A page of suppressed addresses.
    """

    suppressions: list[Suppression]
    """
    The suppressions on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    pagination: Pagination
    """
    Use `total`, `page` and `limit`.
    """
    success: bool = True
    """
    Always `true`.
    """


class AnalyticsResponse(Struct, kw_only=True):
    """
    Delivery and engagement metrics.
    """

    period: AnalyticsPeriod
    metrics: AnalyticsMetrics
    success: bool = True
    """
    Always `true`.
    """
    timeline: list[TimelineBucket] | UnsetType = UNSET
    """
    Only with `group_by`: every hour or day with activity, oldest first.
    """


class WebhookDeliveryList(Struct, kw_only=True):
    """
    A page of deliveries.
    """

    deliveries: list[WebhookDelivery]
    """
    The deliveries on this page.
    """
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class CampaignAnalyticsResponse(Struct, kw_only=True):
    """
    The analytics of the campaign.
    """

    campaign: AnalyticsCampaign
    metrics: CampaignMetrics
    links: list[LinkMetrics]
    """
    The links with the most clicks, at most 100.
    """
    timeline: list[TimelineBucket]
    """
    Every hour or day with activity, oldest first.
    """
    success: bool = True
    """
    Always `true`.
    """


class PurchaseTrackResponse(Struct, kw_only=True):
    """
    The purchase and its attribution.
    """

    purchase_id: Id
    attribution: Attribution
    success: bool = True
    """
    Always `true`.
    """
    duplicate: bool | UnsetType = UNSET
    """
    `true` if the order was recorded by an earlier call, whose response this is.
    """
    idempotent: bool | UnsetType = UNSET
    """
    `true` if this is the stored response of an earlier call with the same idempotency key.
    """


class AccountList(Struct, kw_only=True):
    """
    The connected accounts, oldest first.
    """

    accounts: list[Account]
    """
    The connected accounts, oldest first.
    """
    total: int
    """
    The total number of items.
    """
    page: int
    """
    The number of this page: 1, because all items are on one page.
    """
    limit: int
    """
    The number of items on the page; at least 1.
    """
    success: bool = True
    """
    Always `true`.
    """


class AccountResponse(Struct, kw_only=True):
    """
    The connected account.
    """

    account: Account
    success: bool = True
    """
    Always `true`.
    """


class AccountCheckResponse(Struct, kw_only=True):
    """
    The results of the connection checks.
    """

    imap: ConnectionCheck
    smtp: ConnectionCheck
    account: Account
    success: bool = True
    """
    Always `true`.
    """


class AccountCodeResponse(Struct, kw_only=True):
    """
    The connected account.
    """

    account: Account
    success: bool = True
    """
    Always `true`.
    """


class AccountVerifyResponse(Struct, kw_only=True):
    """
    The connected account.
    """

    account: Account
    success: bool = True
    """
    Always `true`.
    """


class AbTest(Struct, kw_only=True):
    """
    An A/B test.
    """

    id: Id
    campaign_id: Id
    status: AbTestStatus
    metric: AbTestMetric
    test_size_percent: float
    """
    The percentage of the audience that receives the variants.
    """
    auto_send_winner: bool
    """
    Whether the winner is chosen and sent automatically.
    """
    auto_send_after_hours: float
    """
    Hours to wait before the winner is chosen automatically.
    """
    variants: list[AbTestVariant]
    """
    The variants, in the order in which they were specified.
    """
    winner_id: str | None
    """
    The winning variant; null until one has been chosen.
    """
    started_at: datetime | None
    """
    The time at which the test was started; null before.
    """
    completed_at: datetime | None
    """
    The time at which the winner was chosen; null before.
    """
    created_at: datetime
    """
    The time of creation.
    """


class AbTestCreate(Struct, kw_only=True):
    """
    An A/B test to create.
    """

    campaign_id: Id
    """
    The draft campaign to test.
    """
    variants: list[AbTestVariantCreate]
    """
    The variants to compare.
    """
    test_size_percent: float
    """
    The percentage of the audience that receives the variants. It is split evenly between them.
    """
    metric: AbTestMetric
    auto_send_winner: bool = False
    """
    Whether to choose the winner and send it to the rest of the audience automatically, once the sample is large enough.
    """
    auto_send_after_hours: float = 24
    """
    Hours to wait before the winner is chosen automatically.
    """


class AbTestResponse(Struct, kw_only=True):
    """
    The A/B test.
    """

    ab_test: AbTest
    success: bool = True
    """
    Always `true`.
    """


AutomationStep: TypeAlias = (
    SendEmailStep | WaitStep | ConditionStep | AddTagStep | RemoveTagStep | UpdateFieldStep | WebhookStep | WhatsappStep | PushStep
)
"""
A step. `type` determines its kind.
"""


class ContactDataResponse(Struct, kw_only=True):
    """
    Everything that the account holds about a person.
    """

    exported_at: datetime
    """
    The time of the export.
    """
    contact: Contact
    segment_ids: list[Id]
    """
    The static segments that list the contact.
    """
    topics: list[ContactTopic]
    """
    All topics, with the subscriptions of the contact.
    """
    suppressions: list[Suppression]
    """
    The suppressions of the address.
    """
    activity: list[ContactActivity]
    """
    Changes of the contact, events of its mail, and tracked events, newest first.
    """
    messages: list[ContactDataMessage]
    """
    The messages, oldest first.
    """
    purchases: list[ContactDataPurchase]
    """
    The purchases, oldest first.
    """
    enrollments: list[ContactDataEnrollment]
    """
    The enrollments in automations, oldest first.
    """
    channel_messages: list[ContactDataChannelMessage]
    """
    WhatsApp and push messages, oldest first.
    """
    success: bool = True
    """
    Always `true`.
    """


class EmailQueuedResponse(Struct, kw_only=True):
    """
    The message that was queued.
    """

    message: str
    """
    A human-readable sentence.
    """
    message_id: Id
    success: bool = False
    """
    Always `false`: the message has not been sent.
    """
    queued: bool = True
    """
    Always `true`.
    """
    idempotent: bool | UnsetType = UNSET
    """
    `true` if this is the stored response of an earlier call with the same idempotency key.
    """
    suppressed: list[SuppressedRecipient] | UnsetType = UNSET
    """
    Recipients who were skipped because they are suppressed.
    """


class EmailReceivedEvent(Struct, kw_only=True):
    """
    An inbound domain received a message.
    """

    id: EventId
    type: Literal["email.received"]
    """
    The type of the event.
    """
    created_at: datetime
    """
    The time at which the event was recorded.
    """
    data: EmailReceivedEventDetails


class EmailSend(Struct, kw_only=True):
    """
    A message to up to 100 recipients, 50 Cc and 50 Bcc recipients. Its content is `html`, `text` or both, or a stored template
    (`template_id`) with `variables`. With a template, `subject` is optional and replaces the subject of the template; its merge tags
    are filled.
    """

    from_: Mailbox = field(name="from")
    """
    The sender. Your account must be allowed to send from the address.
    """
    to: list[Mailbox]
    """
    The recipients in the To header.
    """
    cc: list[Mailbox] | UnsetType = UNSET
    """
    The recipients in the Cc header.
    """
    bcc: list[Mailbox] | UnsetType = UNSET
    """
    Recipients who are not named in the headers.
    """
    reply_to: Mailbox | UnsetType = UNSET
    """
    The address for replies.
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
    The ID of an alias to send through, with its pool of IP addresses. `from.email` must be the address of the alias.
    """
    template_id: Id | UnsetType = UNSET
    """
    A stored template that replaces `html` and `text`.
    """
    variables: MergeValues | UnsetType = UNSET
    attachments: list[Attachment] | UnsetType = UNSET
    """
    The attachments, at most 10 MB in total after decoding.
    """
    headers: CustomHeaders | UnsetType = UNSET
    in_reply_to: Id | UnsetType = UNSET
    """
    The ID of an earlier message that this message replies to. Sets the In-Reply-To and References headers.
    """
    stream: Literal["transactional", "marketing"] = "transactional"
    """
    `transactional` messages are delivered before `marketing` messages.
    """
    topic_id: Id | UnsetType = UNSET
    """
    The topic of a message with `"stream": "marketing"`. Recipients who are not subscribed to it are skipped, and the unsubscribe link
    leaves only this topic.
    """
    tags: list[str] | UnsetType = UNSET
    """
    Tags for finding and grouping messages.
    """
    metadata: dict[str, str] | UnsetType = UNSET
    """
    Custom values that are returned with the message.
    """
    scheduled_at: datetime | UnsetType = UNSET
    """
    The time at which to send the message. A time in the past means now.
    """
    idempotency_key: IdempotencyKey | UnsetType = UNSET


class EmailSendResponse(Struct, kw_only=True):
    """
    The message that was accepted.
    """

    message_id: Id
    provider: Literal["smtp", "capture", "sandbox"]
    """
    The destination: a mail server (`smtp`), or the sandbox, because no relay is configured (`capture`) or because the caller
    requested it (`sandbox`).
    """
    timestamp: datetime
    """
    The time at which the message was accepted.
    """
    success: bool = True
    """
    Always `true`.
    """
    sandbox: bool | UnsetType = UNSET
    """
    `true` if the caller requested the sandbox.
    """
    idempotent: bool | UnsetType = UNSET
    """
    `true` if this is the stored response of an earlier call with the same idempotency key.
    """
    suppressed: list[SuppressedRecipient] | UnsetType = UNSET
    """
    Recipients who were skipped because they are suppressed.
    """


class Message(Struct, kw_only=True):
    """
    A message, its recipients and its events.
    """

    id: Id
    state: MessageState
    stream: Literal["transactional", "marketing"]
    """
    The stream, which determines the priority.
    """
    sandbox: bool
    """
    `true` if the caller requested the sandbox.
    """
    from_: Mailbox = field(name="from")
    to: list[Mailbox]
    """
    The recipients in the To header.
    """
    cc: list[Mailbox]
    """
    The recipients in the Cc header.
    """
    subject: str
    """
    The subject.
    """
    template_id: str | None
    """
    The template of the message; null if there is none.
    """
    tags: list[str]
    """
    The tags that the caller specified.
    """
    metadata: dict[str, str]
    """
    The metadata that the caller specified.
    """
    scheduled_at: datetime | None
    """
    The time at which the message is due; null if it is sent immediately.
    """
    created_at: datetime
    """
    The time at which the message was accepted.
    """
    recipients: list[MessageRecipient]
    """
    The envelope recipients.
    """
    events: list[MessageEvent]
    """
    The events, oldest first.
    """


class Problem(Struct, kw_only=True):
    """
    An error.
    """

    error: str
    """
    A human-readable sentence.
    """
    code: ErrorCode
    request_id: str
    """
    The ID of the request, for the server's log.
    """
    success: bool = False
    """
    Always `false`.
    """
    details: ErrorDetails | UnsetType = UNSET
    upgrade: Upgrade | UnsetType = UNSET
    feature: str | UnsetType = UNSET
    """
    The feature that is not configured, or not included in the plan.
    """
    proof: DomainProof | UnsetType = UNSET
    suppressed: list[SuppressedRecipient] | UnsetType = UNSET
    """
    The recipients, with the code `recipients_suppressed`.
    """
    retryAfter: int | UnsetType = UNSET
    """
    Seconds after which the request can be retried.
    """


class SegmentCriteria(Struct, kw_only=True):
    """
    The rules of a dynamic segment. All of them (`AND`) or any of them (`OR`) must match. Groups can be nested up to five levels, with
    at most 50 rules in total.
    """

    operator: Literal["AND", "OR"]
    """
    Whether all rules must match, or any.
    """
    rules: list[SegmentRule]
    """
    Rules and groups of rules.
    """


class SegmentUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed; `null` removes the description.
    """

    name: SegmentName | UnsetType = UNSET
    description: SegmentDescription | None | UnsetType = UNSET
    """
    The description; null removes it.
    """
    filter_criteria: SegmentCriteria | UnsetType = UNSET
    contact_ids: ContactIds | UnsetType = UNSET
    """
    The complete new list.
    """
    add_contact_ids: ContactIds | UnsetType = UNSET
    """
    Contacts to add to the list.
    """
    remove_contact_ids: ContactIds | UnsetType = UNSET
    """
    Contacts to remove from the list. Contacts that are not on the list are ignored.
    """


class MessageResponse(Struct, kw_only=True):
    """
    The message.
    """

    message: Message
    success: bool = True
    """
    Always `true`.
    """


class Automation(Struct, kw_only=True):
    """
    An automation.
    """

    id: Id
    name: AutomationName
    trigger_type: TriggerType
    trigger_config: TriggerConfig
    status: AutomationStatus
    steps: list[AutomationStep]
    """
    The steps, in order.
    """
    step_count: int
    """
    The number of steps.
    """
    exit_on: list[ExitCondition]
    """
    Events that end an enrollment early.
    """
    enrolled: int
    """
    The number of contacts that have been enrolled.
    """
    activated_at: datetime | None
    """
    The time of the last activation; null before.
    """
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class AutomationResponse(Struct, kw_only=True):
    """
    The automation.
    """

    automation: Automation
    success: bool = True
    """
    Always `true`.
    """


class CampaignAudience(Struct, kw_only=True):
    """
    The subscribed contacts to send to, each once: those in any of the segments `include` (all subscribed contacts if it is missing) who
    match `criteria`, without those in any of the segments `exclude`. It is evaluated while the campaign is being sent.
    """

    include: CampaignSegments | UnsetType = UNSET
    """
    Segments of which a contact must be in at least one.
    """
    exclude: CampaignSegments | UnsetType = UNSET
    """
    Segments whose contacts are left out.
    """
    criteria: SegmentCriteria | UnsetType = UNSET
    """
    Rules that a contact must match, as of a segment.
    """


class CampaignCreate(Struct, kw_only=True):
    """
    A campaign to create. Its content is a stored template (`template_id`), or `body_html`, `body_text` or both; it can also be set
    later with `update_campaign`. Without `segment_id` and `audience`, or if they are null, the campaign is sent to all subscribed contacts.
    """

    name: CampaignName
    subject: TemplateSubject
    from_email: EmailAddress
    """
    The address of the sender. Your account must be allowed to send from it.
    """
    from_name: DisplayName | UnsetType = UNSET
    """
    The display name of the sender.
    """
    reply_to: EmailAddress | UnsetType = UNSET
    """
    The address for replies.
    """
    segment_id: Id | None | UnsetType = UNSET
    """
    The segment to send to; null for all subscribed contacts.
    """
    topic_id: Id | None | UnsetType = UNSET
    """
    The topic of the campaign: only contacts who are subscribed to it receive the campaign, and its unsubscribe link leaves only this
    topic. Null for none.
    """
    audience: CampaignAudience | None | UnsetType = UNSET
    """
    The contacts to send to, instead of `segment_id`.
    """
    template_id: Id | UnsetType = UNSET
    """
    A stored template that replaces the bodies. The subject of the campaign is used.
    """
    body_html: TemplateHtml | UnsetType = UNSET
    body_text: CampaignBodyText | UnsetType = UNSET
    scheduled_at: CampaignSendTime | UnsetType = UNSET
    """
    The planned time.
    """


class CampaignUpdate(Struct, kw_only=True):
    """
    The fields to update. Fields that are not specified are not changed; `null` removes a value. Setting `template_id` removes the
    bodies, and setting a body removes the template. Setting `segment_id` removes `audience`, and setting `audience` removes `segment_id`.
    """

    name: CampaignName | UnsetType = UNSET
    subject: TemplateSubject | UnsetType = UNSET
    from_email: EmailAddress | UnsetType = UNSET
    """
    The address of the sender. Your account must be allowed to send from it.
    """
    from_name: DisplayName | None | UnsetType = UNSET
    """
    The display name of the sender; null removes it.
    """
    reply_to: EmailAddress | None | UnsetType = UNSET
    """
    The address for replies; null for the address of the sender.
    """
    segment_id: Id | None | UnsetType = UNSET
    """
    The segment to send to; null for all subscribed contacts.
    """
    topic_id: Id | None | UnsetType = UNSET
    """
    The topic of the campaign: only contacts who are subscribed to it receive the campaign, and its unsubscribe link leaves only this
    topic. Null for none.
    """
    audience: CampaignAudience | None | UnsetType = UNSET
    """
    The contacts to send to, instead of `segment_id`; null removes it.
    """
    template_id: Id | None | UnsetType = UNSET
    """
    A stored template; null removes it.
    """
    body_html: TemplateHtml | None | UnsetType = UNSET
    """
    The HTML body; null removes it.
    """
    body_text: CampaignBodyText | None | UnsetType = UNSET
    """
    The plain text body; null removes it.
    """
    scheduled_at: CampaignSendTime | None | UnsetType = UNSET
    """
    The time at which to send the campaign. It cannot be removed from a scheduled campaign. A time in the past means now.
    """


class ContactSearch(Struct, kw_only=True):
    """
    Criteria, order and page of a search.
    """

    criteria: SegmentCriteria
    sort: Literal["newest", "oldest"] = "newest"
    """
    The order by time of creation.
    """
    limit: int = 50
    """
    The maximum number of contacts.
    """
    cursor: Cursor | UnsetType = UNSET
    """
    The `next_cursor` of the previous page.
    """


class Segment(Struct, kw_only=True):
    """
    A segment.
    """

    id: Id
    name: SegmentName
    description: str | None
    """
    The description; null if there is none.
    """
    segment_type: SegmentType
    filter_criteria: SegmentCriteria | None
    """
    The rules; null for a static segment.
    """
    contact_count: int
    """
    The number of contacts at the last count.
    """
    last_calculated_at: datetime
    """
    The time of the last count.
    """
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class SegmentCreate(Struct, kw_only=True):
    """
    A segment to create. A dynamic segment requires `filter_criteria`; a static segment may have `contact_ids`.
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
    The segments on this page.
    """
    pagination: Pagination
    """
    Use `total`, `page` and `limit`.
    """


class SegmentResponse(Struct, kw_only=True):
    """
    The segment.
    """

    segment: Segment
    success: bool = True
    """
    Always `true`.
    """


class SegmentList(Struct, kw_only=True):
    """
    A page of segments.
    """

    data: SegmentListContent
    total: int
    """
    The total number of items on all pages.
    """
    page: int
    """
    The number of this page.
    """
    limit: int
    """
    The maximum number of items per page.
    """
    success: bool = True
    """
    Always `true`.
    """


class Campaign(Struct, kw_only=True):
    """
    A campaign.
    """

    id: Id
    name: CampaignName
    subject: TemplateSubject
    status: CampaignStatus
    from_email: str
    """
    The address of the sender.
    """
    from_name: str | None
    """
    The display name of the sender; null if none was specified.
    """
    reply_to: str | None
    """
    The address for replies; null for the address of the sender.
    """
    segment_id: str | None
    """
    The segment to send to; null for all subscribed contacts.
    """
    topic_id: str | None
    """
    The topic that the recipients must be subscribed to; null for none.
    """
    audience: CampaignAudience | None
    """
    The contacts to send to; null if `segment_id` says it, or for all subscribed contacts.
    """
    template_id: str | None
    """
    The template of the content; null if the campaign has its own bodies.
    """
    body_html: str | None
    """
    The HTML body; null if there is none.
    """
    body_text: str | None
    """
    The plain text body; null if there is none.
    """
    scheduled_at: datetime | None
    """
    The time at which the campaign is due, or the planned time of a draft; null if none is set.
    """
    started_at: datetime | None
    """
    The time at which sending started; null before.
    """
    sent_at: datetime | None
    """
    The time at which all messages were queued; null before.
    """
    completed_at: datetime | None
    """
    The time at which the last message was completed; null before.
    """
    total_recipients: int
    """
    The number of recipients; 0 until sending starts.
    """
    total_sent: int
    """
    The number of messages that left, each once: delivered, bounced or ambiguous.
    """
    total_delivered: int
    """
    The number of messages that receiving servers accepted and did not return later.
    """
    total_opened: int
    """
    The number of recipients who opened the message.
    """
    total_clicked: int
    """
    The number of recipients who clicked a link.
    """
    total_bounced: int
    """
    The number of messages that bounced, at once or later.
    """
    total_complained: int
    """
    The number of recipients who reported the message as spam.
    """
    total_unsubscribed: int
    """
    The number of recipients who unsubscribed.
    """
    suppressed_count: int
    """
    The number of recipients who were not mailed because of a suppression.
    """
    waiting_count: int
    """
    The number of recipients whose message is still queued.
    """
    cancelled_count: int
    """
    The number of recipients who were not mailed because of a cancellation.
    """
    captured_count: int
    """
    The number of messages in the sandbox inbox of a server that delivers no mail.
    """
    reason: CampaignReason
    created_at: datetime
    """
    The time of creation.
    """
    updated_at: datetime
    """
    The time of the last update.
    """


class CampaignResponse(Struct, kw_only=True):
    """
    The campaign.
    """

    campaign: Campaign
    success: bool = True
    """
    Always `true`.
    """
    warnings: MergeWarnings | UnsetType = UNSET

# input 32b8b6a217fa1f21fa0ff157b2ceac16, module 848bd8a6e92cb65be4dfa39882538e3b
