"""One valid call of each operation on domains and what hangs on them, see calls.py."""

from __future__ import annotations

from itertools import count
from typing import Any

DOMAIN = {"domain": "example.com"}
INBOUND = {"subdomain": "replies.example.com", "webhook_url": "https://hooks.example.com/mail"}
IP = {"pool": "marketing", "rdns": "mail1.example.com"}
ALIAS = {"email": "news@example.com", "name": "Weekly News", "ip_pool": "marketing"}
_numbers = count(1)


def _domain(api: Any) -> str:
    return str(api.post("/api/v1/domains", json=DOMAIN).json["domain"]["id"])


def _alias(api: Any) -> str:
    return str(api.post("/api/v1/aliases", json=ALIAS).json["alias"]["id"])


def _inbound(api: Any) -> str:
    """A host belongs to one account."""
    body = INBOUND | {"subdomain": f"replies{next(_numbers)}.example.com"}
    return str(api.post("/api/v1/inbound", json=body).json["domain"]["id"])


def _ip(api: Any) -> str:
    return str(api.post("/api/v1/dedicated-ips", json=IP).json["ip"]["id"])


CALLS: dict[str, Any] = {
    "list_domains": lambda _: ("GET", "/api/v1/domains", {}),
    "create_domain": lambda _: ("POST", "/api/v1/domains", {"json": DOMAIN}),
    "get_domain": lambda api: ("GET", f"/api/v1/domains/{_domain(api)}", {}),
    "delete_domain": lambda api: ("DELETE", f"/api/v1/domains/{_domain(api)}", {}),
    "verify_domain": lambda api: ("POST", f"/api/v1/domains/{_domain(api)}/verify", {}),
    "rotate_domain": lambda api: ("POST", f"/api/v1/domains/{_domain(api)}/rotate", {}),
    "list_domains_unversioned": lambda _: ("GET", "/api/domains", {}),
    "create_domain_unversioned": lambda _: ("POST", "/api/domains", {"json": DOMAIN}),
    "get_domain_unversioned": lambda api: ("GET", f"/api/domains/{_domain(api)}", {}),
    "delete_domain_unversioned": lambda api: ("DELETE", f"/api/domains/{_domain(api)}", {}),
    "verify_domain_unversioned": lambda api: ("POST", f"/api/domains/{_domain(api)}/verify", {}),
    "rotate_domain_unversioned": lambda api: ("POST", f"/api/domains/{_domain(api)}/rotate", {}),
    "list_aliases": lambda _: ("GET", "/api/v1/aliases", {}),
    "create_alias": lambda _: ("POST", "/api/v1/aliases", {"json": ALIAS}),
    "get_alias": lambda api: ("GET", f"/api/v1/aliases/{_alias(api)}", {}),
    "update_alias": lambda api: ("PATCH", f"/api/v1/aliases/{_alias(api)}", {"json": {"ip_pool": "newsletter"}}),
    "delete_alias": lambda api: ("DELETE", f"/api/v1/aliases/{_alias(api)}", {}),
    "list_inbound_domains": lambda _: ("GET", "/api/v1/inbound", {}),
    "create_inbound_domain": lambda _: ("POST", "/api/v1/inbound", {"json": INBOUND}),
    "get_inbound_domain": lambda api: ("GET", f"/api/v1/inbound/{_inbound(api)}", {}),
    "update_inbound_domain": lambda api: ("PATCH", f"/api/v1/inbound/{_inbound(api)}", {"json": {"webhook_secret": "0123456789abcdef"}}),
    "delete_inbound_domain": lambda api: ("DELETE", f"/api/v1/inbound/{_inbound(api)}", {}),
    "get_validation": lambda _: ("GET", "/api/v1/validate?email=ada@example.com", {}),
    "validate_addresses": lambda _: ("POST", "/api/v1/validate", {"json": {"email": "ada@example.com"}}),
    "list_dedicated_ips": lambda _: ("GET", "/api/v1/dedicated-ips", {}),
    "create_dedicated_ip": lambda _: ("POST", "/api/v1/dedicated-ips", {"json": IP}),
    "get_dedicated_ip": lambda api: ("GET", f"/api/v1/dedicated-ips/{_ip(api)}", {}),
    "update_dedicated_ip": lambda api: ("PATCH", f"/api/v1/dedicated-ips/{_ip(api)}", {"json": {"warmup_enabled": False}}),
    "delete_dedicated_ip": lambda api: ("DELETE", f"/api/v1/dedicated-ips/{_ip(api)}", {}),
    "get_warmup": lambda _: ("GET", "/api/v1/warmup", {}),
}
