"""`contract fuzz`: Schemathesis against a running server."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from contract import command_options
from contract.command_options import SpecArgument, whole_number
from contract.testing.fuzz_phases import PHASES

MAX_COUNT = 1_000_000
EXAMPLES = command_options.examples(
    "contract fuzz --url http://127.0.0.1:8025/api --token msk_...",
    "contract fuzz openapi.yaml --url http://127.0.0.1:8032/v1 --max-examples 5 --record seen.jsonl",
)
MaxExamplesOption = Annotated[
    int | None,
    typer.Option(
        "--max-examples",
        parser=whole_number(1, MAX_COUNT),
        metavar="N",
        help="Test cases per operation and phase.",
        show_default="Schemathesis decides",
    ),
]


def parse_phases(text: str) -> str:
    """A comma-separated list of phases, unchanged."""
    if unknown := set(text.split(",")) - set(PHASES):
        raise typer.BadParameter(f"there is no phase {', '.join(sorted(unknown))}; choose from {', '.join(PHASES)}.")
    return text


def fuzz(
    spec: SpecArgument = None,
    *,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The base URL of the API, such as http://127.0.0.1:8025/api.")],
    token: Annotated[
        str | None, typer.Option("--token", metavar="TOKEN", help="The bearer token; a schemathesis.toml reads it as ${TOKEN}.")
    ] = None,
    phases: Annotated[
        str, typer.Option("--phases", parser=parse_phases, metavar="PHASES", help="A comma-separated selection of phases.")
    ] = ",".join(PHASES),
    max_examples: MaxExamplesOption = None,
    unfollowed: Annotated[
        int, typer.Option("--unfollowed", parser=whole_number(0, MAX_COUNT), metavar="N", help="How many links may stay unfollowed.")
    ] = 0,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE", help="Write a record of the exchanges for `contract coverage`.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="The random seed.", show_default="the configuration's")] = None,
) -> None:
    """Run Schemathesis against a running server.

    Exits with 1 if a check fails or a documented link is never followed.
    """
    from contract import project
    from contract.openapi import document
    from contract.testing.fuzz import CONFIG, FuzzRun
    from contract.testing.fuzz import fuzz as run_schemathesis

    configuration = project.find()
    config = configuration.root / CONFIG
    loaded = document.load(spec or configuration.document)
    run = FuzzRun(
        url=url,
        token=token,
        config=config if config.is_file() and spec is None else None,
        max_examples=max_examples,
        phases=tuple(phases.split(",")),
        seed=seed,
        unfollowed=unfollowed,
        record=record,
    )
    code = run_schemathesis(loaded.bundle, run)
    has_followed_all = code == 0 and "stateful" in run.phases and not unfollowed
    print("every documented link was followed" if has_followed_all else f"exit code {code}", file=sys.stderr)
    if code:
        raise typer.Exit(code)
