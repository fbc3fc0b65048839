"""Replies that one provider or product gives, by the codes and sentences that it has published. They decide before general wording.

Each entry is about a mark that no other provider uses; what others could say too belongs to `wording.py`.
"""

from __future__ import annotations

import re
from functools import cache

from misarmail_server.received.bounces.bounce_class import BounceClass

Replies = tuple[tuple[BounceClass, str], ...]

PROVIDERS: dict[str, Replies] = {
    # https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online, postmaster.live.com
    "microsoft": (
        ("InvalidRecipient", (r"resolver\.adr\.(?:ex)?recip(?:ient)?not ?found|resolver\.adr\.(?:invalid|baddomain)|as\(201806281\)"
                             r"|remote server returned unknown recipient")),
        ("QuotaIssues", r"quotaexceeded|mapiexceptionshutoffquota|resolver\.rst\.recipientquota"),
        ("ContentRelated", r"resolver\.rst\.(?:recip|send)sizelimit|smtpsend\.overadvertisedsize"),
        ("PolicyRelated", (r"resolver\.rst\.(?:notauthorized|restricted|notpermitted)|transport\.rules\."
                          r"|routing\.policyrestriction|client blocked from sending|bad outbound sender|as\(42\d{3}\)")),
        ("RelayDenied", r"tenantattribution"),
        ("SpamBlock", (r"\(s(?:3140|3150|77\d|84[34])\)|as(?:77712|76714)\b|banned send(?:ing ip|er)"
                      r"|as\(1430\)|as\(900\)")),
        ("InactiveMailbox", r"accountdisabled|storedrv\.deliver; mailbox disabled"),
        ("TransientFailure", (
            r"recipient thread limit exceeded|storedrv\.(?:deliver|storage)[.;] ?(?:rpc|temporar"
            r"|exception:resourcehealth)"
        )),
    ),
    # https://support.google.com/a/answer/3726730
    "google": (
        ("InvalidRecipient", r"\bp=nosuchuser|answer/6596\b|answer=6596\b"),
        ("InactiveMailbox", r"\bp=disableduser"),
        ("QuotaIssues", r"\bp=overquota(?:temp|perm)|answer=6558\b"),
        ("PolicyRelated", r"\bp=(?:receivingrate|rejectedmessage|ratelimit|policy)|receiving mail (?:at a rate|too quickly)|answer=6592\b"),
        ("AuthenticationFailed", r"\bp=(?:unauthenticatedemail|senderauth|authrequired|wantauth)"),
        ("ContentRelated", r"\bp=(?:maxsizeerror|rfcmessagenoncompliant)"),
        ("ProhibitedAttachment", r"\bp=blockedmessage"),
        ("SpamContent", r"\bp=unsolicitedmessageerror|answer=81126\b|likely unsolicited"),
        ("SpamBlock", r"\bp=unsolicitedratelimiterror|unusual rate of (?:unsolicited )?mail"),
        ("TransientFailure", r"temporarily rejected message\. \S+ ?-? ?gsmtp|mail server temporarily rejected message"),
    ),
    # https://senders.yahooinc.com/smtp-error-codes
    "yahoo": (
        ("SpamBlock", r"\[(?:tss?\d{2}|bl\d{2}|gl\d{2})\]|weren't sent.*yahoo|vs\d+-[a-z]{1,3} excessive"),
        ("AuthenticationFailed", r"\b554 5\.7\.9 message not accepted for policy|\[dmarc\]"),
        ("SpamContent", r"\[ph\d{2}\]"),
        ("InvalidRecipient", r"doesn't have an? \S{1,60} account|\[-(?:5|9|14)\]"),
        ("InactiveMailbox", r"\[#10[123]\]|554\.30\b"),
        ("QuotaIssues", r"\[-21\]"),
    ),
    # https://postmaster.aol.com/error-codes
    "aol": (
        ("SpamBlock", r"\b(?:dyn:t\d|hvu:b[12]|con:b1|rtr:[a-z]{2}|hvu:nr|rly:[a-z]{1,2}\d?|cnd:bl|fail:bl)\b"),
        ("SpamContent", r"\bhvu:b\d.*url|\brly:cs4|\brly:ch\d?"),
        ("PolicyRelated", r"\b421 dns\b.*aol|\brly:sn\b"),
    ),
    # https://support.apple.com/en-us/102524
    "apple": (
        ("SpamContent", r"\[cs01\]"),
        ("SpamBlock", r"\[hm(?:e1|08|e0)\]|icloud.*blocked"),
        ("InvalidRecipient", r"recipient no longer on server"),
    ),
    # https://community.mimecast.com/s/article/email-security-cloud-gateway-smtp-error-codes
    "mimecast": (
        ("SpamContent", r"spam score \S+ exceeds"),
        ("TransientFailure", (r"internal resources are temporarily unavailable|account (?:in|out)bounds? disabled"
                             r"|\b451\b.{0,30}ip temporarily (?:black|block)listed|unable to process (?:command|connection) at this time")),
        ("SpamBlock", r"poor reputation sender|ct ip reputation|header based manually blocked|envelope blocked|manual envelope rejection"),
        ("PolicyRelated", (
            r"anti-?spoofing(?: header)? policy|email rejected due to security policies"
            r"|exceeding outbound thread limit|impersonation|user email address exceeds"
        )),
        ("AuthenticationFailed", r"(?:spf|dkim|dmarc) sender invalid"),
        ("VirusRelated", r"virus signature detected"),
    ),
    "proofpoint": (
        ("SpamBlock", r"ipcheck\.proofpoint|support\.proofpoint\.com/dnsbl"),
        ("PolicyRelated", r"client-side rate limit|\blocal policy violation\b(?!.*(?:spf|dmarc|dkim))"),
        ("ContentRelated", r"message size violation"),
    ),
    "barracuda": (
        ("SpamBlock", (
            r"permanent failure for one or more recipients \([^)]*:blocked\)|barracudanetworks\.com/reputation"
            r"|barracuda reputation"
        )),
    ),
    "cisco": (
        ("InvalidRecipient", r"#5\.1\.0 address rejected"),
        ("SpamBlock", r"rejected due to the sending mta's poor reputation|sender ?base"),
        ("PolicyRelated", r"exceeded allowable connection time|too many recipients received this hour"),
    ),
    "trendmicro": (
        ("SpamBlock", r"trend micro (?:rbl|email reputation)|mail-abuse\.com"),
    ),
    "fortinet": (
        ("SpamContent", r"fortiguard ?- ?antispam (?:blocking url|url|hash|checksum|phish)"),
        ("SpamBlock", r"fortiguard ?- ?antispam black ip|fortiguard"),
    ),
    "messagelabs": (
        ("SpamContent", r"message filtered\. (?:refer|please see)"),
        ("SpamBlock", r"connection rejected by policy \["),
        ("InvalidRecipient", r"invalid recipient \S{0,200} ?\(#5\.1\.1\)"),
    ),
    # https://postmaster.gmx.net, https://postmaster.web.de, https://postmaster.1und1.de
    "united internet": (
        ("SpamBlock", r"error-messages\?\S*&c=(?:bl|rip|ip)\b|ip address is black ?listed"),
        ("PolicyRelated", (r"error-messages\?\S*&c=(?:rdns|hi|cm|mslc|ml)\b|bad dns ptr resource record|mail send limit exceeded"
                          r"|sender address has null mx")),
        ("SpamContent", r"spam message rejected|&c=(?:spam|c)\b|\bcase\?c=r\d"),
        ("InvalidRecipient", r"mailbox unavailable (?:550 )?invalid dns mx or a/aaaa resource record"),
    ),
    "t-online": (
        ("SpamBlock", r"ask your postmaster for help|\((?:bl|nowl)\)$|t(?:osa|obr)@rx\.t-online"),
    ),
    # Orange, Wanadoo and La Poste.
    "orange": (
        ("PolicyRelated", (
            r"\b(?:ofr|lpn)\w{0,4}_(?:104|105|107|108|109|42[0-5]|503|504)\b|trop de connexions"
            r"|service refuse\. veuillez essayer"
        )),
        ("SpamBlock", r"\b(?:ofr|lpn)\w{0,4}_(?:10[123]|20\d|999)\b|bloquee? pour incident de spam"),
        ("SpamContent", r"\b(?:ofr|lpn)\w{0,4}_(?:30[0-9]|50[56]|436|437)\b"),
        ("InvalidSender", r"\b(?:ofr|lpn)\w{0,4}_(?:40[0-9]|2\d\d)\b.*(?:sender|emetteur)|emetteur invalide"),
        ("AuthenticationFailed", r"\b(?:ofr|lpn)\w{0,4}_51[456]\b"),
        ("ContentRelated", r"\b(?:ofr|lpn)\w{0,4}_(?:438|517|518)\b"),
        ("InvalidRecipient", r"\b(?:ofr|lpn)\w{0,4}_(?:416|418|510|511)\b|boite du destinataire inexistante"),
        ("QuotaIssues", r"\b(?:ofr|lpn)\w{0,4}_413\b|destinataire pleine"),
        ("InactiveMailbox", r"\b(?:ofr|lpn)\w{0,4}_(?:417|402|426)\b|archivee"),
    ),
    "mail.ru": (
        ("InactiveMailbox", r"is unavailable: user is (?:terminated|blocked|suspended)"),
        ("InvalidRecipient", r"invalid mailbox\. local mailbox \S+ is unavailable: (?:user not found|user is not found)"),
        ("SpamContent", r"help\.mail\.ru/notspam|notspam-support"),
    ),
    "yandex": (
        ("SpamContent", r"under suspicion of spam|ya\.cc/1irbc"),
    ),
    # http://service.mail.qq.com/cgi-bin/help?subtype=1&id=20022
    "tencent": (
        ("InvalidRecipient", r"no=1000728\b"),
        ("SpamContent", r"no=10007(?:26|29)\b|mail content denied"),
        ("PolicyRelated", r"no=10007(?:22|25)\b|(?:connection|ip) frequency limited|mailbox unavailable or access denied"),
        ("SpamBlock", r"no=10007(?:24|27)\b|suspected bounce attacks?|suspected spam ip"),
        ("AuthenticationFailed", r"no=10007(?:30|31)\b"),
    ),
    # http://mail.163.com/help/help_spam_16.htm
    "netease": (
        ("SpamContent", r"\bdt:spm|\bdt:sum|\bdt:scp"),
        ("AuthenticationFailed", r"\b(?:mi|hl|dt):(?:spf|dmarc|dmc|dkim)\b"),
        ("TransientFailure", r"\bhl:rep\b|\brp:trc\b.*later|\bmi:stc\b.*later"),
        ("PolicyRelated", r"\b(?:mi|rp|hl):(?:cel|qrc|trc|ctl|ccl|dmc|sfq|mfc|lis|isr)\b"),
        ("SpamBlock", r"\bhl:(?:itc|ipb|bad|nrd|ihu)\b|\bmi:(?:nsd|nhd|wmsg|stc)\b|in blacklist"),
    ),
    # http://postmaster.comcast.net/smtp-error-codes.php
    "comcast": (
        ("SpamBlock", r"smtp-error-codes\.php#bl|\bbl0000\d\d\b|comcast block for spam"),
        ("PolicyRelated", r"smtp-error-codes\.php#(?:rl|dns|dm)|\brl0000\d\d\b|throttled - try again"),
        ("InvalidRecipient", r"not our customer|account not available"),
    ),
    "verizon": (
        ("SpamBlock", r"blocked by verizon online"),
        ("InvalidRecipient", r"unknown or illegal alias|mailbox temporarily disabled: \S+@verizon"),
    ),
    # https://www.cox.com/residential/support/email-error-codes.html
    "cox": (
        ("SpamBlock", r"\bcx(?:bl|sndr|hdr|mxrt)\b|\bib(?:103|105|212|501|502|504|506|508|510|511|701)\b.*cox"),
        ("PolicyRelated", r"\bcx(?:thrt|cnct|dns|smtp|spf)\b"),
        ("SpamContent", r"\bib(?:704|705)\b|\bib10[45]\b"),
    ),
    # https://www.spectrum.net/support/internet/understanding-email-error-codes
    "charter": (
        ("PolicyRelated", r"aup#i-1(?:0\d\d|11\d|21\d)"),
        ("SpamContent", r"aup#out-\d{4}|aup#in-1[2-9]\d\d"),
        ("SpamBlock", r"\be3[01]\d\d\b.*|aup#i-1[39]\d\d"),
    ),
    "at&t": (
        ("SpamBlock", r"abuse_rbl@abuse-att|dnsrbl|_is_blocked"),
    ),
    # https://www.godaddy.com/help/what-does-my-email-bounceback-mean-3568
    "godaddy": (
        ("SpamBlock", r"\bib(?:00[17]|101|103|104|106|111|113|212|50\d)\b"),
        ("SpamContent", r"\bib(?:110|305|70[4-9])\b"),
        ("PolicyRelated", r"\bib(?:105|108|504|510|402)\b"),
        ("InvalidRecipient", r"\bib60[1-9]\b|\bib40[1356]\b"),
        ("QuotaIssues", r"\bib(?:610|503)\b.*quota"),
    ),
    # https://postmaster.facebook.com/response_codes
    "facebook": (
        ("InvalidRecipient", r"\brcp-p1\b"),
        ("BadDomain", r"\brcp-p2\b"),
        ("PolicyRelated", r"\brcp-p3\b|\bcon-t[0-9]\b|\bpol-(?:t|p[1-57-9])\d*\b|\brcp-t[0-9]\b"),
        ("SpamContent", r"\bpol-p6\b|\bmsg-p[2-9]\b"),
        ("TransientFailure", r"\bint-t\d\b|\bdns-t\d\b"),
        ("ContentRelated", r"\bmsg-p1\b|\bmsg-t1\b"),
    ),
    "amazon": (
        ("InvalidSender", r"email address is not verified"),
    ),
}  # fmt: skip


def reply_of_provider(text: str) -> BounceClass | None:
    """The class of a published reply, None if no mark of one is found. `text` is one bounded line in lower case."""
    return next((name for provider in PROVIDERS for name, pattern in _compiled(provider) if pattern.search(text)), None)


@cache
def _compiled(provider: str) -> list[tuple[BounceClass, re.Pattern[str]]]:
    """Compiled with the first refusal."""
    return [(name, re.compile(pattern)) for name, pattern in PROVIDERS[provider]]
