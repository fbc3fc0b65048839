"""What a Python client package says about itself: pyproject.toml and a README with a quick start in its own names."""

from __future__ import annotations

import json
from importlib import metadata

from contract.sdk.plan import Call, Plan
from contract.sdk.python_text import iterator, method

HATCHLING = "hatchling"


def pyproject(plan: Plan) -> str:
    """Builds with hatchling; needs only what the generated models and the transport need."""
    return PYPROJECT.format(
        name=json.dumps(plan.name),
        version=json.dumps(release(plan.version)),
        description=json.dumps(f"A client of {' '.join(plan.title.split())}"),
        package=plan.package,
        generator=metadata.version("openapi-python-client"),
    )


def release(version: str) -> str:
    """A document's version as a package's: one that is no version becomes 0.0.0 with the text as its local part."""
    numbers = version.removeprefix("v").split(".")
    return ".".join(numbers) if all(one.isdecimal() and one.isascii() for one in numbers) else "0.0.0"


def readme(plan: Plan) -> str:
    """How to install it, call, go through lists, catch errors and check webhooks."""
    arguments = [repr(plan.server or "https://api.example.com"), *(f'{one.argument}="..."' for one in plan.schemes[:1] if not one.is_pair)]
    parts = [HEAD.format(title=plan.title, version=plan.version, name=plan.name, package=plan.package, client=", ".join(arguments))]
    listed = next((one for one in plan.calls if one.paging), None)
    parts += [PAGES.format(group=listed.group, iterator=iterator(listed.name))] if listed else []
    parts += [ERRORS.format(package=plan.package, name=example_error(plan))]
    keyed = [_reference(one) for one in plan.calls if one.idempotency_header]
    parts += [RETRIES.format(keyed=", ".join(keyed) if keyed else "none here")]
    parts += [WEBHOOKS.format(package=plan.package)] if plan.webhooks else []
    parts += ["## Operations\n\n| method | does |\n| --- | --- |\n" + "".join(map(_row, plan.calls))]
    return "\n".join(parts)


def example_error(plan: Plan) -> str:
    """A class that the document has, to show how errors are caught."""
    names = [one.name for one in plan.failures.statuses if one.status.startswith("4")]
    return "NotFoundError" if "NotFoundError" in names else next(iter(names), "ApiError")


def _reference(call: Call) -> str:
    return f"`client.{call.group}.{method(call.name)}`"


def _row(call: Call) -> str:
    return f"| {_reference(call)} | {call.summary.replace('|', '/')}{' (deprecated)' if call.deprecated else ''} |\n"


PYPROJECT = """[project]
name = {name}
version = {version}
description = {description}
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["attrs>=23", "httpx>=0.27,<1", "python-dateutil>=2.8"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]

# {package}/generated was written by openapi-python-client {generator}.
[tool.mypy]
strict = true
packages = ["{package}"]
"""

HEAD = """# {title}: Python client

Written by `contract sdk python` for version {version} of the document.

```sh
pip install {name}
```

```python
from {package} import Client, models

with Client({client}) as client:
    ...
```

Every operation is a method with typed arguments and a typed answer; types are in `{package}.models`.
An argument that is not given is `UNSET`, which is not `None`.
"""

PAGES = """## Lists

`iter_...` goes through all pages:

```python
for item in client.{group}.{iterator}():
    print(item)
```
"""

ERRORS = """## Errors

Each documented status has a class, and each error code one below it:

```python
from {package} import errors

try:
    ...
except errors.{name} as error:
    print(error.status, error.code, error.message, error.request_id, error.field_errors)
except errors.ConnectionFailedError:
    ...
```

`error.retry_after` says in seconds when a repeat can succeed, `error.body` has all that the server said.
"""

RETRIES = """## Repeats

Connection errors, 429 and 503 are tried again, as `Retry-After` asks, where a repeat cannot do harm: by the method (GET, PUT, DELETE),
or by the idempotency key that the client adds by itself ({keyed}). `Client(..., retries=Retries(attempts=1))` switches it off.
"""

WEBHOOKS = """## Webhooks

```python
from {package} import WebhookVerificationError, verify

event = verify(request.body, request.headers, "whsec_...")  # raises WebhookVerificationError
```
"""
