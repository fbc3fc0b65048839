"""The coverage of a document as one self-contained HTML page: a row per operation, unseen items in red."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from contract.openapi.operations import Operation, operations
from contract.openapi.references import Json
from contract.testing.coverage import Coverage, items
from contract.traffic.observing import Observation

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; color: #1c2230; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #d9dde6; padding: .4rem .6rem; text-align: left; vertical-align: top }
code { font: 13px ui-monospace, monospace }
ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem }
li { border-radius: .25rem; padding: 0 .4rem; background: #dff3e4; color: #0d4f24 }
li.missing { background: #fbdfdf; color: #7d1414; font-weight: 600 }
@media (prefers-color-scheme: dark) {
  body { color: #e5e8ef; background: #14171f }
  th, td { border-color: #333a49 }
  li { background: #123d22; color: #b7f0c8 }
  li.missing { background: #541a1a; color: #ffc9c9 }
}
"""


def page(bundle: Json, coverage: Coverage) -> str:
    """The whole page."""
    title = escape(str(bundle.get("info", {}).get("title", "API")))
    missing = {item for share in coverage.shares.values() for item in share.missing}
    rows = "\n".join(_row(bundle, operation, missing) for operation in operations(bundle))
    strange = "".join(f"<li class=missing>{escape(label(item))}</li>" for item in coverage.strange)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Coverage of {title}</title>
<style>{STYLE}</style></head><body>
<h1>Coverage of {title}</h1>
<ul>{"".join(_total(coverage))}</ul>
{f"<h2>Seen and not documented</h2><ul>{strange}</ul>" if strange else ""}
<table><thead><tr><th scope="col">Operation</th><th scope="col">Responses, media types, examples, links</th></tr></thead>
<tbody>
{rows}
</tbody></table>
</body></html>
"""


def label(item: Observation) -> str:
    """An item as text: `get_pet 200 text/csv`, `create_pet sends application/json, example full`, `create_pet 201, link show`."""
    if item.link:
        return f"{item.operation} {item.status}, link {item.link}"
    if item.status:
        return f"{item.operation} {item.status} {item.media}".rstrip()
    return f"{item.operation} sends {item.media}" + (f", example {item.example}" if item.example else "")


def _total(coverage: Coverage) -> Iterator[str]:
    for part, share in coverage.shares.items():
        observed_count = len(share.documented) - len(share.missing)
        mark = ' class="missing"' if share.missing else ""
        yield f"<li{mark}>{observed_count} of {len(share.documented)} {part} ({share.percent:.1f} %)</li>"


def _row(bundle: Json, operation: Operation, missing: set[Observation]) -> str:
    head = f"<code>{escape(operation.method.upper())} {escape(operation.path)}</code><br>{escape(operation.id)}"
    cells = "".join(_item(item, is_missing=item in missing) for item in items(bundle, operation))
    return f'<tr id="{escape(operation.id)}"><th scope="row">{head}</th><td><ul>{cells}</ul></td></tr>'


def _item(item: Observation, *, is_missing: bool) -> str:
    mark, prefix = (' class="missing"', "never seen: ") if is_missing else ("", "seen: ")
    text = label(item).removeprefix(item.operation).strip()
    return f'<li{mark} title="{escape(prefix + text)}">{escape(text)}</li>'
