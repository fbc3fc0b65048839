"""Every documented example of a request, sent as it stands: what the document shows must not be refused as malformed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from contract.openapi.operations import Operation, operations
from contract.traffic.observing import Observation, examples_of
from misarmail_server import document

ALL = {operation.id: operation for operation in operations(document.bundle())}
EXAMPLES = [pair for value in ALL.values() for pair in examples_of(document.bundle(), value)]
UNREADABLE = {413, 415, 500}
# Their examples name a template, a contact or a relay's address, which must exist: 400 with the field named is right where it does not.
NAMING = {"create_automation", "create_ab_test", "track_event", "receive_relay_events"}


def path_of(operation: Operation) -> str:
    """A path that fits the document and names nothing that exists."""
    path = operation.path
    for parameter in operation.parameters:
        if parameter.location == "path":
            shown = next((example["value"] for example in parameter.node.get("examples", {}).values()), "none")
            path = path.replace(f"{{{parameter.name}}}", str(shown))
    return f"/api{path}"


@pytest.mark.parametrize(("seen", "value"), EXAMPLES, ids=[f"{seen.operation}-{seen.example}" for seen, _ in EXAMPLES])
def test_an_example_of_a_request_is_understood(api: Any, seen: Observation, value: Any) -> None:
    operation = ALL[seen.operation]
    body = value if isinstance(value, str) and not seen.media.endswith("json") else json.dumps(value)

    answer = api(operation.method.upper(), path_of(operation), data=body, headers={"Content-Type": seen.media})

    assert answer.status_code not in (UNREADABLE if seen.operation in NAMING else UNREADABLE | {400}), answer.json
