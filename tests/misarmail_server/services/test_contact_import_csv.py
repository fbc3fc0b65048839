"""CSV files as spreadsheets and other products write them."""

from __future__ import annotations

from typing import Any

import pytest

from misarmail_server.db import tables
from tests.conftest import Api, Make
from tests.misarmail_server.services.test_contact_imports import contact, post
from tests.misarmail_server.services.test_contacts import emails

CSV = "Email, First Name ;x,LAST_NAME,Phone,Company,tags,Status,Favourite colour\n".replace(" ;x", "")


def test_import_contacts_takes_csv_as_programs_write_it(api: Api) -> None:
    body = (
        CSV
        + '"ada@example.com","Ada",  Lovelace ,+44 20,"Engines\r\n& Co","vip; beta",SUBSCRIBED,"gr""een"\r\n\r\n'
        + "bob@example.com,,,,,,,\r\nbad,x\n"
    )

    answer = post(api, body).json

    assert answer["summary"] == {"imported": 2, "updated": 0, "skipped": 0, "errors": 1}
    assert answer["errors"] == [{"line": 6, "email": "bad", "reason": "email must be an e-mail address"}]
    assert contact(api, "ada") == {
        "email": "ada@example.com",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+44 20",
        "company": "Engines & Co",
        "tags": ["beta", "vip"],
        "status": "subscribed",
        "custom_fields": {"Favourite colour": 'gr"een'},
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_import_contacts_finds_out_delimiter_and_encoding(api: Api, delimiter: str, encoding: str) -> None:
    text = f"first name{delimiter}E-Mail\nZoë{delimiter}zoe@example.com\n"

    answer = post(api, text.encode(encoding))

    assert answer.json["summary"]["imported"] == 1
    assert contact(api, "zoe")["first_name"] == "Zoë"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"email\nzo\xeb@example.com\n", "Is not UTF-8: byte 9 cannot be read. Save the file as UTF-8"),
        (b"\xff\xfee\x00", "The first row must name the columns"),
        (b"\xff\xfee", "Is not UTF-16"),
        (b"name,phone\nx,y\n", "The first row must name the columns, and one of them must be email"),
        (b"\n", "The first row must name the columns"),
        (b'email,"name\nada@example.com,Ada\n', "The first row cannot be read: a quotation mark is not closed"),
        (b"email,Email\n", "The first row names email twice"),
        (b'email,"a""b"\n', "Column 2 'a\"b' is not a valid field name"),
        (b"email," + b",".join(b"c%d" % number for number in range(10_000)), "The first row names more than 10,000 columns"),
        (b"email," + b"x" * 140_000, "The first row cannot be read"),
    ],
)
def test_import_contacts_refuses_a_file_that_cannot_be_read(api: Api, make: Make, body: Any, sentence: str) -> None:
    refused = post(api, body)

    assert (refused.status_code, list(refused.json["details"]["fieldErrors"])) == (400, ["csv"])
    assert refused.json["details"]["fieldErrors"]["csv"][0].startswith(sentence)
    assert make.count(tables.Contact) == 0


def test_import_contacts_reports_a_quotation_mark_that_is_not_closed(api: Api) -> None:
    answer = post(api, 'email,first_name\nada@r.example,"Ann\nbob@r.example,Bob\ncy@r.example,Cy\n').json

    assert answer["errors"] == [{"line": 2, "reason": "The row cannot be read: a quotation mark is not closed"}]
    assert (answer["summary"], emails(api)) == ({"imported": 2, "updated": 0, "skipped": 0, "errors": 1}, ["cy@r.example", "bob@r.example"])


@pytest.mark.parametrize(
    ("body", "lines", "imported"),
    [
        ('email,a\nada@r.example,"x\nbob@r.example,"y"\ncy@r.example,z\n', [2], ["bob@r.example", "cy@r.example"]),
        ('email,a\nada@r.example,"x" y\nbob@r.example,y\n', [2], ["bob@r.example"]),
        ('email,a\nada@r.example,"x', [2], []),
        ('email,a\nada@r.example,x\nbob@r.example,"' + "\n" + "cy@r.example,y\n" * 20_000, [3], ["ada@r.example", "cy@r.example"]),
        ('email,a\nada@r.example,"x\ny"\nbob@r.example,"""z"""\n', [], ["ada@r.example", "bob@r.example"]),
        ('email,a\nada@r.example,x"y\n', [], ["ada@r.example"]),
    ],
)
def test_import_contacts_loses_no_row_to_a_quotation_mark(api: Api, body: str, lines: list[int], imported: list[str]) -> None:
    answer = post(api, body).json

    assert [bad["line"] for bad in answer["errors"]] == lines
    assert sorted(emails(api)) == imported


@pytest.mark.parametrize(
    "body",
    [
        "\ufeff\ufeffemail,first_name\nada@r.example,Ada\n".encode(),
        b'\xef\xbb\xbf\xef\xbb\xbf"email","first_name"\nada@r.example,Ada\n',
        b"sep=;\nemail;first_name\nada@r.example;Ada\n",
        b'\xef\xbb\xbf"sep=;"\r\n"email";first_name\r\nada@r.example;Ada\r\n',
        b"SEP=\t\nemail\tfirst_name\nada@r.example\tAda\n",
        b"email,first_name,,\nada@r.example,Ada,,\n",
        b"email,first_name\nada@r.example,Ada,,\n,,\n",
        b",email,first_name\n0,ada@r.example,Ada\n",
        "email;first_name\nada@r.example;Ada\n".encode("utf-16"),
        "\ufeff\ufeffemail\tfirst_name\nada@r.example\tAda\n".encode("utf-16-be"),
        "email,first_name\nada@r.example,Ada\n".encode("utf-16-le"),
        "email,first_name\nada@r.example,Ada\n".encode("utf-16-be"),
        b'email;"first_name, given"\nada@r.example;Ada\n'.replace(b'"first_name, given"', b"Vorname"),
    ],
)
def test_import_contacts_understands_the_files_of_spreadsheets(api: Api, body: bytes) -> None:
    answer = post(api, body).json

    assert answer["summary"] == {"imported": 1, "updated": 0, "skipped": 0, "errors": 0}
    assert contact(api, "ada") == {"email": "ada@r.example", "first_name": "Ada", "status": "subscribed"}


def test_import_contacts_counts_a_separator_line_and_taken_back_lines(api: Api) -> None:
    answer = post(api, 'sep=;\nemail;a\nada@r.example;"x\nbad;y\nbob@r.example;z\n').json

    assert [bad["line"] for bad in answer["errors"]] == [3, 4]


@pytest.mark.parametrize(
    "header",
    [
        "Email Address,First Name,Last Name,Phone Number,Company Name",  # Mailchimp, HubSpot
        "EMAIL,FIRSTNAME,LASTNAME,SMS,COMPANY",  # Brevo
        "Email,First Name,Last Name,Phone Number,Organization",  # Klaviyo
        "E-Mail-Adresse,Vorname,Nachname,Telefonnummer,Firma",
        "Adresse e-mail,Prénom,Nom,Téléphone,Société",
        "Correo electrónico,Nombre,Apellidos,Teléfono,Empresa",
        "e_mail,given_name,Surname,mobile,organisation",
    ],
)
def test_import_contacts_understands_the_columns_of_other_products(api: Api, header: str) -> None:
    post(api, f"{header}\nada@r.example,Ada,Lovelace,+44 20,Engines\n")

    assert contact(api, "ada") == {
        "email": "ada@r.example",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "phone": "+44 20",
        "company": "Engines",
        "status": "subscribed",
    }


def test_import_contacts_keeps_a_second_name_of_a_field_as_a_custom_field(api: Api) -> None:
    post(api, "SMS,email,phone,Mail\n1,ada@r.example,2,ada@s.example\n")

    assert contact(api, "ada@r") == {
        "email": "ada@r.example",
        "phone": "2",
        "status": "subscribed",
        "custom_fields": {"SMS": "1", "Mail": "ada@s.example"},
    }


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (
            "subscribed",
            "Active,1,confirmed,SUBSCRIBED,Opted-In,double opt-in,TRUE,yes,aktiv,Bestätigt,ABONNÉ,Suscrito,iscritto,ingeschreven,Sí",
        ),
        (
            "unsubscribed",
            "Unsubscribed,0,Opted out,NEVER_SUBSCRIBED,Non-Subscribed,Abgemeldet,désabonné,inactive,False,pending,blacklisted",
        ),
        ("bounced", "Bounced,Cleaned,hard_bounce,unzustellbar"),
        ("complained", "Complained,Marked as spam,Spam complaint,Beschwerde"),
    ],
)
def test_import_contacts_understands_the_statuses_of_other_products(api: Api, status: str, words: str) -> None:
    rows = [f"a{number}@r.example,{word}" for number, word in enumerate(words.split(","))]

    answer = post(api, "\n".join(["Email,Status", *rows])).json

    assert answer["errors"] == []
    assert api.get(f"/api/v1/contacts?status={status}").json["pagination"]["total"] == len(rows)


def test_import_contacts_reports_a_status_that_it_does_not_know(api: Api) -> None:
    answer = post(api, "email,status\nada@r.example,perhaps\n").json

    assert answer["errors"][0]["reason"] == "status must be one of bounced, complained, subscribed, unsubscribed"


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("Ada <ada@r.example>", "ada@r.example"),
        ('"""Lovelace, Ada"" <Ada@R.example>"', "ada@r.example"),
        ("<ada@r.example>", "ada@r.example"),
        ("mailto:ada@r.example", "ada@r.example"),
        ("MAILTO:ada@r.example?subject=Hi", "ada@r.example"),
        ("Ada <mailto:ada@r.example>", "ada@r.example"),
        ("ada@r.example\u200b", "ada@r.example"),
        ("\u00a0\ufeffada@r.example\u200e\u00ad ", "ada@r.example"),
        ("Ada <ada@r.example\u200b> \u200b", "ada@r.example"),
        ("info@münchen.example", "info@xn--mnchen-3ya.example"),
        ("Info <INFO@MÜNCHEN.example>", "info@xn--mnchen-3ya.example"),
        ("info@straße.example", "info@xn--strae-oqa.example"),
    ],
)
def test_import_contacts_understands_the_addresses_of_other_programs(api: Api, cell: str, address: str) -> None:
    assert post(api, f"email\n{cell}\n").json["errors"] == []
    assert emails(api) == [address]


@pytest.mark.parametrize(
    "cell", ["Ada", "ada@r.example <>", "ada@r.example bob@r.example", "ada@☃.example", "äda@r.example", "ada@-ü.example"]
)
def test_import_contacts_refuses_what_is_not_an_address(api: Api, cell: str) -> None:
    assert post(api, f"email\n{cell}\n").json["errors"][0]["reason"] == "email must be an e-mail address"
