"""Whether a message was written by a mail server, and whether the server is still trying."""

from __future__ import annotations

import re

from misarmail_server.received.bounces import replies
from misarmail_server.received.bounces.reading import ParsedMessage
from misarmail_server.received.decoding import words

SENDER = re.compile(
    r"mailer[-_ ]?daemon|post[_-]?master|mail[-. ]?deliver|delivery[-. ]?(?:sub)?system|^<>$|double-?bounce|bounces?@"
    r"|administrator|no-?reply@",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"undeliver|returned (?:mail|to sender|message)|deliver\w* (?:\S+ ){0,3}?(?:fail|status|error|problem"
    r"|notification|report|delay|impossible)"
    r"|(?:fail|error)\w* (?:\S+ ){0,2}(?:notice|deliver|report|sending|notification)|non[- ]?(?:deliver|remis)|not (?:be )?deliver"
    r"|could not (?:be )?(?:deliver|sen)|mail (?:system )?(?:fail|error|delivery|not)|warning(?::|--)|bounce|delayed"
    r"|rejected|unable to deliver"
    r"|failure notice|returning message|there was an error sending|smtp server: errors|not member|loop alert"
    r"|verzöger|remise (?:retard|diff)|retraso en la entrega|entrega (?:atrasad|retrasad)|consegna ritardat|vertraagd"
    r"|opóźni|задержк|配信遅延|unzustellbar|fehler bei der (?:zu|über)"
    r"|non (?:distribu|remis|consegn|recapit)|no (?:se )?(?:pudo|entreg)|недостав|не доставлено|ошибка доставки"
    r"|配信(?:不能|エラー|できません)"
    r"|送信(?:エラー|できません)|不達|退信|배달",
    re.IGNORECASE,
)
TEXT = re.compile(
    r"deliver|recipient|mailbox|bounce|undeliverable|returned|rejected|zugestellt|remis|доставл|配信|送信|配達|退",
    re.IGNORECASE,
)
# Prefixes of the subject of a mail that a person answers or sends on.
FORWARDED = re.compile(
    r"\W*(?:re|fwd?|aw|wg|tr|rv|sv|vs|vb|odp|pd|enc|antw|doorst|i|r|rif|res|ynt|ilt|на|转发|轉寄|回复|答复|転送|返信|전달|회신)\s*[:\uff1a]",
    re.IGNORECASE,
)
DELAYED = re.compile(
    r"\bdelay|warning message only|will be retried|will (?:continue to )?(?:re)?try|not yet been delivered"
    r"|temporary failure|still being retried"
    r"|could not send mail for past|no action is required|keep trying|still trying|verzöger|noch nicht zugestellt|weiter(?:hin)? versucht"
    r"|retard[ée]|essaiera (?:à nouveau|de nouveau)|pas encore (?:été )?(?:remis|distribu)|retras(?:o|ad)|seguir[áa] intentando"
    r"|atrasad|continuar[áa] (?:a )?tentando|ainda não (?:foi )?entregue|ritard|ancora (?:stato )?consegnat|vertraag|försen|forsink"
    r"|opóźni|zpožd|задерж|затрим|еще не доставлен|ещё не доставлен|遅延|遅れて|再送を|延迟|延遲|稍后重试|지연",
    re.IGNORECASE,
)
FINAL = re.compile(
    r"permanent(?:ly)? (?:fail|error)|permanent error|fatal error|giv(?:en|ing) up|no longer be retried|has been removed from the queue",
    re.IGNORECASE,
)


def is_sent_on(message: ParsedMessage) -> bool:
    """Whether a person sends on, or answers, what a mail server wrote."""
    is_report = message.fields.get("content-type", "").lower().startswith("multipart/report")
    is_answer = FORWARDED.match(message.fields.get("subject", "")) is not None
    return is_answer and not is_report and not SENDER.search(message.fields.get("from", "") or "<>")


def speaks(message: ParsedMessage, text: str) -> bool:
    """Whether the message looks like a mail server's notice. Automatic replies of persons have other senders and subjects."""
    if message.fields.get("x-failed-recipients"):
        return True
    has_subject = bool(SUBJECT.search(message.fields.get("subject", "")))
    has_sender = bool(SENDER.search(words(message.fields.get("from", "")) or "<>"))
    if replies.is_automatic(message) and not (has_sender or has_subject):
        return False
    return has_subject or (has_sender and bool(TEXT.search(text)))


def is_delay(subject: str, text: str) -> bool:
    """Whether the server is still trying."""
    return bool(DELAYED.search(f"{subject} {text}")) and not FINAL.search(f"{subject} {text}")
