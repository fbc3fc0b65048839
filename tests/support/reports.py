"""Bounces and complaints as receivers write them."""

from __future__ import annotations


def bounce(address: str, status: str = "5.1.1", reply: str = "550 5.1.1 user unknown", action: str = "failed") -> str:
    """A report of RFC 3464."""
    return (
        "From: MAILER-DAEMON@mx.example.org\r\nTo: <>\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nI could not deliver the mail.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {reply}\r\n\r\n--B--\r\n"
    )


def complaint(return_path: str) -> str:
    """A report of RFC 5965 that quotes our mail."""
    return (
        "From: fbl@provider.example\r\nTo: abuse@mail.example.net\r\nSubject: Complaint\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nThis is spam.\r\n"
        "--B\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Loop/1\r\nVersion: 1\r\n\r\n"
        f"--B\r\nContent-Type: message/rfc822\r\n\r\nReturn-Path: <{return_path}>\r\nFrom: a@yourdomain.com\r\nSubject: Hi\r\n\r\nHi\r\n"
        "--B--\r\n"
    )
