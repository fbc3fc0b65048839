"""The module of webhook events: their type, and the verifier that returns them."""

from __future__ import annotations

from collections.abc import Iterator

from contract.names import camel
from contract.openapi.media_types import media_types
from contract.openapi.operations import METHODS, component_name
from contract.openapi.references import Json, resolve
from contract.runtime.media import essence, is_json
from contract.sdk.typescript_modules.type_declarations import TypeDeclarations


def event_types(bundle: Json, types: TypeDeclarations) -> list[str]:
    """The type of each webhook's body."""
    return list(dict.fromkeys(_types(bundle, types)))


def events_module(names: list[str]) -> str:
    """The text of the module."""
    return MODULE.format(union=" | ".join(names) or "unknown")


def _types(bundle: Json, types: TypeDeclarations) -> Iterator[str]:
    for name, raw in (bundle.get("webhooks") or {}).items():
        item, _ = resolve(bundle, raw, "")
        for method in METHODS:
            body = item.get(method, {}).get("requestBody")
            if body is None:
                continue
            node, pointer = resolve(bundle, body, "")
            media = next((media for media in media_types(bundle, node, pointer) if is_json(essence(media.name))), None)
            if media is not None:
                # The server writes a webhook, so its body is what responses are.
                yield types.expression(media.schema, "response", component_name(body) or f"{camel(name)}Event")


MODULE = """import type * as t from "./types.js";
import {{ type Fields, verify as verifySigned }} from "./webhooks.js";

/** The event of any webhook. */
export type WebhookEvent = {union};

/**
 * The decoded event of a webhook, after its signature and its age were verified (Standard Webhooks). `body` is the raw body of the
 * request. Several secrets may be valid while a secret is being replaced. Throws WebhookVerificationError.
 */
export function verify(
  body: string | Uint8Array,
  headers: Fields,
  secrets: string | readonly string[],
  tolerance?: number,
): Promise<WebhookEvent> {{
  return verifySigned(body, headers, secrets, tolerance) as Promise<WebhookEvent>;
}}
"""
