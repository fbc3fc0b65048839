"""`contract`: one command per module of `contract.commands`. Foreseen failures are one sentence and exit code 2.

The modules of the commands are light: what a command does is imported when it runs, since connexion and schemathesis take a second each.
"""

import sys
from typing import Annotated

import typer

from contract import command_options
from contract.commands import bundle, coverage, dev, diff, docs, fuzz, generate, lint, mock, sdk, verify
from contract.errors import ContractError

app = command_options.program()
app.command(epilog=lint.EXAMPLES)(lint.lint)
app.command(epilog=bundle.EXAMPLES)(bundle.bundle)
app.command(epilog=diff.EXAMPLES)(diff.diff)
app.command(epilog=generate.EXAMPLES)(generate.generate)
app.command(epilog=dev.EXAMPLES)(dev.dev)
app.command(epilog=mock.EXAMPLES)(mock.mock)
app.command(epilog=sdk.EXAMPLES)(sdk.sdk)
app.command(epilog=fuzz.EXAMPLES)(fuzz.fuzz)
app.command(epilog=coverage.EXAMPLES)(coverage.coverage)
app.command(epilog=verify.EXAMPLES)(verify.verify)
app.command(epilog=docs.EXAMPLES)(docs.docs)


@app.callback(
    epilog=command_options.examples(
        "contract lint openapi.yaml", "contract mock openapi.yaml --port 8031", "contract diff old.yaml new.yaml"
    )
)
def contract(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=command_options.version_printer("contract"), is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Design, check, serve and test an HTTP API with its OpenAPI document."""
    del version  # its callback printed it


def main(arguments: list[str] | None = None) -> int:
    """Run one command. Exit codes: 0 done, 1 findings, 2 wrong use or a document that cannot be read, 130 interrupted."""
    try:
        return command_options.run(app, "contract", arguments)
    except ContractError as error:
        return command_options.refuse(error)


if __name__ == "__main__":
    sys.exit(main())
