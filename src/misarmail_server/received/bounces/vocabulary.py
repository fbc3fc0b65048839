"""Refusals in any words: what a text is about, and what it states about it, each in some twenty languages.

Where no wording matches, a topic and a state in one line give the class: `recipient` and `does not exist`, `Postfach` and `voll`.
Words are matched in lower case, as stems at the start of a word; those of Chinese, Japanese and Korean anywhere.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, NamedTuple

from misarmail_server.received.bounces.bounce_class import BounceClass

Topic = Literal["recipient", "domain", "sender", "message", "attachment", "virus", "spam", "relay", "client", "policy", "quota", "header"]
State = Literal["missing", "full", "disabled", "large", "refused", "later", "expired", "frequent"]

TOPICS: dict[Topic, str] = {
    "recipient": (
        r"user|recipient|rcpt|mail ?box|account|address|alias|person|destinat|destin\.|customer|subscriber|local part"
        r"|benutzer|empfänger|empfaenger|postfach|adress|konto|teilnehmer|utilisateur|bo[iî]te|compte|abonné"
        r"|usuario|buzón|buzon|cuenta|direcci[oó]n|casilla|persona|usuário|utilizador|caixa|conta\b|endereço|utente|casella|indirizzo"
        r"|gebruiker|ontvanger|postbus|adres|e-?mail-?adres|mottag|modtager|mottaker|bruger|användar|bruker|postlåda|käyttäj"
        r"|vastaanottaj|postilaatikk"
        r"|użytkownik|uzytkownik|odbiorc|skrzynk|uživatel|příjemce|schránk|používateľ|kullan\u0131c\u0131|al\u0131c\u0131"
        r"|posta kutusu|felhasznál|címzett"
        r"|postafiók|utilizator|căsuț|χρήστ|παραλήπτ|θυρίδα|пользовател|получател|адрес|ящик|уч[её]тн|аккаунт|користувач|одержувач"
        r"|скриньк|потребител|ユーザ|宛先|受信者|アドレス|メールボックス|アカウント|用户|用戶|收件人|邮箱|郵箱|信箱|账号|帳號|帐号|地址"
        r"|使用者|此人|사용자|수신자|받는 ?사람|메일함|메일박스|계정|편지함|주소"
    ),
    "domain": (r"domain|domän|domin|domein|domén|host\b|hosts\b|hôte|домен|хост|ドメイン|ホスト|域名|网域|主机|도메인|호스트"),
    "sender": (
        r"sender|absender|expéditeur|expediteur|[ée]metteur|remitente|remetente|mittente|afzender|avsänd|afsender|avsender|lähettäj"
        r"|nadawc|odesílatel|gönderen|feladó|expeditor|αποστολέ|отправител|відправник|発信者|送信者|差出人|发件人|發件人|寄件者"
        r"|보낸 ?사람|발신자"
    ),
    "message": (
        r"message|mail|content|deliver|nachricht|zustell|courriel|mensaje|correo|mensagem|messaggio|bericht|meddeland|besked"
        r"|melding|viesti|wiadomoś|zpráv"
        r"|ileti|üzenet|μήνυμα|сообщени|письмо|повідомлен|メール|メッセージ|邮件|郵件|信件|메일|메시지"
    ),
    "attachment": (
        r"attach|executable|file (?:type|name|ext)|anhang|anhänge|pi[eè]ces? jointe|adjunto|anexo|allegat|bijlage|bifogad|vedhæft|vedlegg"
        r"|załącznik|příloh|вложени|添付|附件|첨부"
    ),
    "virus": r"virus|malware|вирус|вірус|ウイルス|病毒|바이러스",
    "spam": r"spam|ube\b|uce\b|bulk|spammer|pourriel|спам|рассылк|スパム|迷惑メール|垃圾|스팸",
    "relay": r"relay|relai|weiterleit|reenv[ií]o|retransmis|gateway|релей|пересылк|リレー|中继|中繼|중계",
    "client": (
        r"(?:your |the |su |votre |ihre )?(?:ip|server|network|remotehost|mta)\b|ip[ -]?(?:address|adress|адрес)|серв|服务器"
        r"|伺服器|サーバ"
    ),
    "policy": r"polic|administrat|security|richtlini|politi|polít|beleid|polity|политик|ポリシー|策略|政策|정책",
    "quota": r"quota|storage|disk|space|speicher|kontingent|cuota|espacio|cota\b|espaço|spazio|kvót|квот|容量|空间|空間|용량",
    "header": r"header|mime\b|charset|encoding|kopfzeile|en-t[êe]te|encabezad|cabeçalh|intestazion|заголов|ヘッダ|信头|헤더",
}
STATES: dict[State, str] = {
    "missing": (
        r"unknown|not (?:a |an |in |on |our |be )*(?:found|exist|valid|known|ok\b|listed|present|recogni|registered|local)|no such|invalid"
        r"|(?:doesn|don|isn|wasn|couldn|can)'?t (?:be )?(?:a )?(?:exist|find|found|known|valid|deliver)|(?:do|does) not (?:exist"
        r"|match|belong|appear)|can'?t accept (?:user|recipient)|missing|bad\b|wrong|deleted|removed"
        r"|no longer|(?:do|does|did) not have|nobody|cannot (?:find|be found|be verified|accept)|non-?exist|undeliverable"
        r"|no (?:mail ?box|account|user)|not my|illegal"
        r"|bad ?(?:recipient|rcpt)|unbekannt|existiert nicht|nicht (?:gefunden|vorhanden|bekannt|existent)|ungültig|kein|inconnu"
        r"|n['\u2019]?existe|introuvable|inexist|invalid|non valide|pas (?:valide|connu)|desconocid|no (?:existe|encontrad"
        r"|se encontr|válid)|inválid"
        r"|desconhecid|não (?:existe|encontrad|localizad|reconhecid)|sconosciut|non (?:è )?(?:esiste|trovat|valid)|inesistente"
        r"|errat|onbekend"
        r"|bestaat niet|niet gevonden|ongeldig|okänd|finns inte|hittades inte|ogiltig|ukendt|findes ikke|ukjent|finnes ikke|ikke fundet"
        r"|ei löydy|tuntematon|ei ole olemassa|nieznan|nie (?:istnieje|znaleziono|ma )|brak|nieprawidł|neexistuje|neznám|nenalezen"
        r"|neplatn|bilinmeyen|bulunamad|mevcut değil|geçersiz|ismeretlen|nem (?:létezik|található)|necunoscut|nu exist"
        r"|δεν (?:υπάρχει|βρέθηκε)|άγνωστ|не (?:существует|найден|зарегистрирован|існує|знайден|валид)|неизвест|нет так|недействит|невідом"
        r"|存在しない|存在しません|見つかりません|不明|存在いたしません|ありません|不存在|未找到|找不到|无此|無此|查无|查無|无效"
        r"|無效|没有此|没有该"
        r"|존재하지|찾을 수 없|없습니다|없는|유효하지"
    ),
    "full": (
        r"full\b|exceed|exhaust|over\b|overdrawn|maximum|used\b|limit|no (?:more )?(?:space|room)|insufficient|not enough|voll\b|überfüllt"
        r"|überschritten|erreicht|plein|satur|dépass|llen[oa]|excedid|superad|sin espacio|chei[oa]\b|lotad|pien[oa]\b|esaurit|superat"
        r"|vol\b|overschreden|pełn|przepełnion|przekroczon|pln[aáýy]\b|překročen|dolu\b|aş\u0131ld\u0131|megtelt|plină|γεμάτ"
        r"|переполнен|превышен"
        r"|заполнен|переповнен|いっぱい|満杯|超過|超え|已满|已滿|不足|超出|超过|가득|초과|부족"
    ),
    "disabled": (
        r"disabled|suspend|inactiv|locked|frozen|closed|deactivat|terminated|archiv|blocked|dormant|expired|cancel|abandon|on hold"
        r"|gesperrt|deaktiviert|inaktiv|geschlossen|stillgelegt|gelöscht|désactiv|desactiv|bloqu|clôtur|fermé|suspens|deshabilitad"
        r"|desativad|inativ|cerrad|encerrad|sospes|disabilitat|disattivat|disatttivat|bloccat|chius|geblokkeerd|opgeheven"
        r"|uitgeschakeld|gesloten"
        r"|spärrad|avstängd|spærret|suljettu|zablokowan|nieaktywn|zawieszon|zablokov|zrušen|neaktivn|ask\u0131ya"
        r"|devre d\u0131ş\u0131|kapat\u0131l"
        r"|letiltott|заблокирован|отключ[её]н|неактивн|приостановлен|закрыт|удал[её]н|заблокован|停止|無効化|凍結|解約|停用|禁用"
        r"|冻结|注销|关闭"
        r"|휴면|정지|차단|비활성"
    ),
    "large": (
        r"too (?:large|big|long)|size|length|zu gro(?:ß|ss)|trop (?:volumineu|gros|grand|lourd)|demasiado (?:grande|larg)|muito grande"
        r"|troppo grand|te groot|för stor|for stor|liian suuri|zbyt du|příliš velk|çok büyük|túl nagy|слишком (?:больш|велик)|过大"
        r"|過大|太大"
        r"|大きすぎ|너무 (?:크|큽)"
    ),
    "refused": (
        r"refus|reject|denied|block|not (?:allowed|permitted|accept|authori)|forbid|prohibit|banned|unacceptable|illegal|unsafe|black ?list"
        r"|abgelehnt|verweigert|zurückgewiesen|nicht (?:erlaubt|zugelassen|gestattet|akzeptiert)|gesperrt|no permite|não permite"
        r"|non permette|ne permet pas|rejet|interdit|non autoris|bloqu"
        r"|liste noire|rechazad|denegad|prohibid|no (?:permitid|autorizad|acept)|lista negra|rejeitad|recusad|negad|proibid"
        r"|não (?:permitid|autorizad|aceit)|rifiutat|respint|negat|vietat|non (?:consentit|autorizzat|accettat)|bloccat|geweigerd|afgewezen"
        r"|niet toegestaan|avvisad|nekad|afvist|avvist|hylät|odrzucon|odmów|zabronion|odmítnut|zamítnut|zakáz|reddedil|engellen|elutasít"
        r"|respins|отклон|отказ|запрещ|заблокирован|ч[её]рн|відхил|拒否|拒绝|拒絕|不允许|禁止|黑名单|黑名單|ブラックリスト|ブロック"
        r"|거부|허용되지|차단"
    ),
    "later": (
        r"temporar|later|try again|vorübergehend|temporär|später|temporaire|plus tard|temporal|más tarde|mais tarde|temporári|temporane"
        r"|più tardi|tijdelijk|tillfällig|midlertidig|tymczasow|później|dočasn|později|geçici|daha sonra|átmeneti|временн|позже|тимчасов"
        r"|一時的|しばらく|暂时|稍后|暫時|稍後|일시|잠시"
    ),
    "expired": (
        r"expired|giving up|gave up|too old|abgelaufen|aufgegeben|expiré|caducad|expirad|scadut|verlopen|wygas|vypršel|истек|срок"
        r"|期限|過期|过期|만료"
    ),
    "frequent": (
        r"too (?:many|fast|frequent)|rate|flood|zu viele|zu schnell|trop de|trop souvent|demasiad[oa]s|muit[oa]s|tropp[ie]|te veel"
        r"|för många"
        r"|zbyt (?:wiele|dużo|często)|příliš mnoho|çok fazla|слишком (?:много|часто)|过多|過多|太多|频繁|頻繁|多すぎ|너무 많"
    ),
}  # fmt: skip


class _Rule(NamedTuple):
    """A line means `result` if it names one of the topics and says one of the states of it; no states: the topic is enough."""

    result: BounceClass
    topics: tuple[Topic, ...]
    states: tuple[State, ...]


RULES = (
    _Rule("VirusRelated", ("virus",), ()),
    _Rule("ProhibitedAttachment", ("attachment",), ("refused",)),
    _Rule("ContentRelated", ("message", "header"), ("large",)),
    _Rule("SpamContent", ("spam",), ()),
    _Rule("RelayDenied", ("relay",), ("refused",)),
    _Rule("InvalidSender", ("sender",), ("missing", "refused", "disabled")),
    _Rule("QuotaIssues", ("recipient", "quota"), ("full",)),
    _Rule("SpamBlock", ("client",), ("refused", "disabled")),
    _Rule("PolicyRelated", ("message", "client", "recipient", "sender"), ("frequent",)),
    _Rule("InactiveMailbox", ("recipient",), ("disabled",)),
    _Rule("ContentRelated", ("header",), ("missing", "refused")),
    _Rule("InvalidRecipient", ("recipient",), ("missing",)),
    _Rule("BadDomain", ("domain",), ("missing",)),
    _Rule("PolicyRelated", ("policy",), ("refused",)),
    _Rule("MessageExpired", ("message", "recipient"), ("expired",)),
    _Rule("TransientFailure", ("message", "recipient", "domain", "client", "policy"), ("later",)),
)


# `Empfängerdomain existiert nicht` and `домен получателя не найден`, but not `usuario desconocido en este dominio`.
MISSING_DOMAIN = rf"(?:{TOPICS['domain']})\S{{0,15}}(?: \S{{1,30}}){{0,3}}? ?(?:{STATES['missing']})"


def sense(text: str) -> BounceClass | None:
    """The class of a text in any language, None if its topic or what it says of it is not recognized. `text` is as for `meaning`."""
    topics, states = _patterns()
    named = {topic for topic, pattern in topics.items() if pattern.search(text)}
    stated = {state for state, pattern in states.items() if pattern.search(text)} if named else set()
    if "missing" in stated and not named & {"sender", "relay"} and _missing_domain().search(text):
        return "BadDomain"
    return next((rule.result for rule in RULES if named & {*rule.topics} and (not rule.states or stated & {*rule.states})), None)


@cache
def _missing_domain() -> re.Pattern[str]:
    return re.compile(MISSING_DOMAIN)


@cache
def _patterns() -> tuple[dict[Topic, re.Pattern[str]], dict[State, re.Pattern[str]]]:
    """Compiled with the first text that needs them."""
    return {name: _compiled(words) for name, words in TOPICS.items()}, {name: _compiled(words) for name, words in STATES.items()}


def _compiled(words: str) -> re.Pattern[str]:
    """A stem begins a word; between letters of Chinese, Japanese and Korean there are no blanks."""
    return re.compile(rf"(?<![a-zà-žα-ωа-яё])(?:{words})")
