"""The words that other products write into files of contacts: names of columns, and statuses in the languages of their exports."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Columns by product: Mailchimp, Brevo, Klaviyo, HubSpot, ActiveCampaign, MailerLite, Outlook, Google Contacts and others.
_COLUMN_NAMES = {
    "email": """
        email, email address, e-mail, e-mail address, mail, mail address, email id, primary email, work email, subscriber,
        subscriber email, contact email, user email, e-mail 1 value, email 1, E-Mail-Adresse, Email-Adresse, Mailadresse, adresse
        e-mail, adresse mail, adresse électronique, courriel, correo, correo electrónico, dirección de correo electrónico, indirizzo
        email, indirizzo e-mail, posta elettronica, endereço de e-mail, endereço de email, correio eletrónico, e-mailadres, adres
        e-mail, adres email, e-postadress, e-post, e-mailadresse, e-postadresse, sähköposti, e-mailová adresa, e-mail cím, メールアドレス,
        电子邮件, 邮箱, эл. почта, электронная почта
    """,
    "first_name": """
        first name, firstname, fname, given name, forename, Vorname, prénom, nombre, nome, primeiro nome, voornaam, imię, förnamn,
        fornavn, etunimi
    """,
    "last_name": """
        last name, lastname, lname, surname, family name, Nachname, Familienname, nom, nom de famille, apellido, apellidos, cognome,
        sobrenome, apelido, achternaam, nazwisko, efternamn, efternavn, etternavn, sukunimi
    """,
    "phone": """
        phone, phone number, mobile phone, mobile, telephone, sms, phone 1 value, Telefon, Telefonnummer, Handynummer, téléphone,
        numéro de téléphone, teléfono, telefono, telefone, telefoon, telefoonnummer
    """,
    "company": """
        company, company name, organization, organisation, organization name, associated company, Firma, Unternehmen, société,
        entreprise, empresa, azienda, società, bedrijf, bedrijfsnaam, företag, virksomhed
    """,
    "tags": "tags, tag, labels, Schlagwörter, étiquettes, etiquetas, etichette",
    "status": """
        status, subscription status, subscriber status, email status, contact status, consent status, email marketing consent,
        marketing status, marketing consent, email permission status, optin status, opt-in status, statut, estado, stato, estado de
        suscripción
    """,
    "source": "source, lead source, original source, signup source, opt-in source, Quelle, origine, origen",
}
# People who have not agreed, or not yet, are imported as unsubscribed: their addresses must not get marketing mail.
_STATUS_WORDS = {
    "subscribed": """
        subscribed, subscriber, active, enabled, confirmed, opted in, opt in, optin, double opt in, doi, single opt in, verified,
        valid, deliverable, mailable, marketing contact, granted, 1, true, yes, y, on, ok, x, aktiv, abonniert, angemeldet,
        bestätigt, eingetragen, ja, wahr, actif, active, abonné, abonnée, inscrit, inscrite, confirmé, confirmée, oui, vrai, activo,
        activa, suscrito, suscrita, confirmado, confirmada, sí, verdadero, attivo, attiva, iscritto, iscritta, confermato,
        confermata, vero, ativo, ativa, inscrito, inscrita, assinante, subscrito, sim, verdadeiro, actief, geabonneerd,
        ingeschreven, aangemeld, bevestigd, waar, aktywny, zapisany, potwierdzony, tak, prenumererar, bekräftad, bekræftet,
        soft bounced, bekreftet, tilmeldt, påmeldt, tilaaja, kyllä, активен, подписан, да, 有効, 購読中, 订阅, 已订阅
    """,
    "unsubscribed": """
        unsubscribed, unsubscribe, unsub, inactive, disabled, opted out, opt out, optout, removed, deleted, archived, blocked,
        blocklisted, blacklisted, suppressed, never subscribed, non subscribed, not subscribed, nonsubscribed, unconfirmed, not
        confirmed, pending, transactional, non marketing contact, revoked, denied, 0, false, no, n, off, none, inaktiv, abgemeldet,
        ausgetragen, unbestätigt, gesperrt, nein, falsch, inactif, inactive, désabonné, désabonnée, désinscrit, désinscrite, non
        confirmé, non, faux, inactivo, inactiva, desuscrito, cancelado, dado de baja, baja, falso, inattivo, disiscritto,
        disiscritta, cancellato, inativo, cancelada, não, inactief, uitgeschreven, afgemeld, nee, onwaar, nieaktywny, wypisany, nie,
        avprenumererad, avregistrerad, nej, nei, afmeldt, avmeldt, ei, отписан, нет, 無効, 配信停止, 退订, 已退订
    """,
    "bounced": """
        bounced, bounce, hard bounce, hard bounced, hardbounce, hardbounced, cleaned, invalid, undeliverable,
        undelivered, returned, unzustellbar, zurückgewiesen, bereinigt, ungültig, rebond, non délivré, nettoyé, rebotado, rebote,
        limpiado, rimbalzato, respinto, devolvido, teruggestuurd, gebounced, odrzucony, studsade
    """,
    "complained": """
        complained, complaint, complainer, spam, marked as spam, spam complaint, reported spam, reported as spam, spam reported,
        abuse, abuse complaint, junk, beschwerde, spambeschwerde, als spam markiert, plainte, plainte spam, queja, queja de spam,
        reclamo, segnalato come spam, denúncia, klacht, skarga, klagomål
    """,
}


@lru_cache(4_096)
def plain(text: str) -> str:
    """Text reduced to its letters and digits, without case and accents: `E-Mail Address` and `email_address` are the same."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join([character for character in decomposed if character.isalnum()])


def _by_word(words: dict[str, str]) -> dict[str, str]:
    return {plain(word): meaning for meaning, listed in words.items() for word in listed.split(",") if plain(word)}


COLUMNS = _by_word(_COLUMN_NAMES)
STATUSES = _by_word(_STATUS_WORDS)
