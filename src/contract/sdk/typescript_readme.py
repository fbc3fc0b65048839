"""What a TypeScript client package says about itself: package.json, tsconfig.json and a README with a quick start in its own names."""

from __future__ import annotations

import json

from contract.sdk.node_tools import PACKAGE
from contract.sdk.packaging import layer
from contract.sdk.plan import Call, Plan
from contract.sdk.python_readme import example_error, release
from contract.sdk.typescript_text import iterator, lower


def package_json(plan: Plan) -> str:
    """ESM with type declarations, built by tsc; the versions are those it was written and tried with."""
    pinned = json.loads(layer(PACKAGE, ["package.json"])["package.json"])["dependencies"]
    found = {
        "name": plan.name,
        "version": _three(release(plan.version)),
        "description": f"A client of {' '.join(plan.title.split())}",
        "type": "module",
        "exports": {".": {"types": "./dist/index.d.ts", "default": "./dist/index.js"}},
        "files": ["dist"],
        "sideEffects": False,
        "engines": {"node": ">=20"},
        "scripts": {"build": "tsc", "prepack": "tsc"},
        "dependencies": {"openapi-fetch": pinned["openapi-fetch"]},
        "devDependencies": {"typescript": pinned["typescript"]},
    }
    return json.dumps(found, indent=2) + "\n"


def tsconfig() -> str:
    """As strict as the compiler can be."""
    options = {
        "target": "ES2022",
        "module": "NodeNext",
        "lib": ["ES2022", "DOM", "DOM.Iterable"],
        "types": [],
        "outDir": "dist",
        "rootDir": "src",
        "declaration": True,
        "strict": True,
        "noUncheckedIndexedAccess": True,
        "exactOptionalPropertyTypes": True,
        "noImplicitOverride": True,
        "noUnusedLocals": False,
        "verbatimModuleSyntax": True,
        "skipLibCheck": True,
    }
    return json.dumps({"compilerOptions": options, "include": ["src"]}, indent=2) + "\n"


def _three(version: str) -> str:
    """Npm wants three numbers."""
    return ".".join([*version.split("."), "0", "0"][:3])


def readme(plan: Plan) -> str:
    """How to install it, call, go through lists, catch errors and check webhooks."""
    own = [
        f'baseUrl: "{plan.server or "https://api.example.com"}"',
        *(f'{lower(one.argument)}: "..."' for one in plan.schemes[:1] if not one.is_pair),
    ]
    parts = [HEAD.format(title=plan.title, version=plan.version, name=plan.name, options=", ".join(own))]
    listed = next((one for one in plan.calls if one.paging), None)
    parts += [PAGES.format(group=lower(listed.group), iterator=iterator(listed.name))] if listed else []
    parts += [ERRORS.format(name=plan.name, error=example_error(plan))]
    keyed = [_reference(one) for one in plan.calls if one.idempotency_header]
    parts += [RETRIES.format(keyed=", ".join(keyed) if keyed else "none here")]
    parts += [WEBHOOKS.format(name=plan.name)] if plan.webhooks else []
    rows = (f"| {_reference(one)} | {one.summary.replace('|', '/')}{' (deprecated)' if one.deprecated else ''} |\n" for one in plan.calls)
    return "\n".join([*parts, "## Operations\n\n| method | does |\n| --- | --- |\n" + "".join(rows)])


def _reference(call: Call) -> str:
    return f"`client.{lower(call.group)}.{lower(call.name)}`"


HEAD = """# {title}: TypeScript client

Written by `contract sdk typescript` for version {version} of the document.

```sh
npm install {name}
```

```ts
import {{ Client }} from "{name}";

const client = new Client({{ {options} }});
```

Every operation is a method; what it takes (`path`, `query`, `header`, `body`) and what it answers is typed.
It runs wherever there is `fetch`: Node.js 20 and later, Deno, Bun, browsers.
"""

PAGES = """## Lists

`iter...` goes through all pages:

```ts
for await (const item of client.{group}.{iterator}()) {{
  console.log(item);
}}
```
"""

ERRORS = """## Errors

Each documented status has a class, and each error code one below it:

```ts
import {{ ConnectionFailedError, {error} }} from "{name}";

try {{
  // ...
}} catch (error) {{
  if (error instanceof {error}) {{
    console.log(error.status, error.code, error.message, error.requestId, error.fieldErrors);
  }} else if (error instanceof ConnectionFailedError) {{
    // ...
  }}
}}
```

`error.retryAfter` says in seconds when a repeat can succeed, `error.body` has all that the server said.
"""

RETRIES = """## Repeats

Connection errors, 429 and 503 are tried again, as `Retry-After` asks, where a repeat cannot do harm: by the method (GET, PUT, DELETE),
or by the idempotency key that the client adds by itself ({keyed}). `new Client({{ ..., retries: {{ attempts: 1 }} }})` switches it off.
"""

WEBHOOKS = """## Webhooks

```ts
import {{ verify }} from "{name}";

const event = await verify(body, request.headers, "whsec_..."); // throws WebhookVerificationError
```
"""
