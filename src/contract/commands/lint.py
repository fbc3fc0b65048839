"""`contract lint`: a document against the specification and the rules of the project."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from contract import command_options, terminal
from contract.command_options import SpecArgument

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from collections.abc import Sequence

    from contract.lint.engine import LintFinding


EXAMPLES = command_options.examples(
    "contract lint",
    "contract lint openapi.yaml --format github",
    "contract lint openapi.yaml --fix",
    "contract lint --explain operation-has-a-summary",
)
FINDING_STYLES = r"^(?P<bold>\S.*?:\d+:\d+): (?P<cyan>[\w-]+):|^ +(?P<green>\^)$"


def lint(
    spec: SpecArgument = None,
    *,
    format_: Annotated[Literal["text", "json", "sarif", "github"], typer.Option("--format", help="The output format.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="Same as --format json; with --rules, the rules as JSON.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Fix findings that have only one correction, then report the others.")] = False,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules.")] = False,
    explain: Annotated[str | None, typer.Option("--explain", metavar="RULE", help="Explain a rule and its settings.")] = None,
) -> None:
    """Check a document against the specification and the rules of the project.

    Findings are printed as file:line:column: rule: text. Exits with 1 if there are any.
    """
    from contract import project
    from contract.lint import engine, fixing
    from contract.lint.report_formats import FORMATS
    from contract.openapi.locations import label

    if explain is not None:
        _explain(explain)
        return
    if rules:
        _list_rules(as_json=as_json)
        return
    path = spec or project.find().document
    changed, findings = fixing.fix(path) if fix else ([], engine.lint(path))
    for file in changed:
        print(f"changed {label(file)}", file=sys.stderr)
    chosen = "json" if as_json else format_
    if chosen == "text":
        _print_text(findings)
    else:
        sys.stdout.write(FORMATS[chosen](findings))
    if findings:
        raise typer.Exit(code=1)


def _print_text(findings: "Sequence[LintFinding]") -> None:
    from contract.lint import report_formats

    terminal.print_highlighted(report_formats.text(findings), FINDING_STYLES)
    print(f"{len(findings)} finding{'' if len(findings) == 1 else 's'}", file=sys.stderr)


def _explain(name: str) -> None:
    from contract.errors import ContractError
    from contract.lint.engine import explanations

    known = explanations()
    if name not in known:
        raise ContractError(f"there is no rule {name!r}, `contract lint --rules` lists them")
    print(f"{name}: {known[name]}")


def _list_rules(*, as_json: bool) -> None:
    from contract.lint.engine import explanations

    known = explanations()
    if as_json:
        terminal.print_json([{"rule": rule, "explanation": text} for rule, text in known.items()])
        return
    width = max(len(rule) for rule in known)
    rows = [(rule, text.splitlines()[0]) for rule, text in known.items()]
    terminal.print_table(("Rule", "Explanation"), rows, [f"{rule:{width}}  {line}" for rule, line in rows])
