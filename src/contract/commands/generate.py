"""`contract generate`: models, protocols, bindings, error codes and handler stubs."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from contract import command_options

if TYPE_CHECKING:  # a command imports what it needs when it runs
    from contract.generate.package import GeneratedPackage

EXAMPLES = command_options.examples("contract generate", "contract generate --check", "contract generate --verbose")


def generate(
    *,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; print a diff and exit with 1 if a file is out of date.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="List every constraint that Python types cannot express.")] = False,
) -> None:
    """Write models, protocols, bindings and handler stubs from the document."""
    from contract import project
    from contract.generate import package

    generated = package.generate(project.find())
    if check:
        _check(generated)
        return
    for path in package.write(generated):
        print(f"wrote {os.path.relpath(path)}")
    print(
        f"{len(generated.not_expressed)} constraints are checked by the schemas only, as types cannot express them (--verbose lists them)"
    )
    for location in generated.untyped:
        print(f"{location}: a type cannot tell the alternatives apart, so the model holds plain values")
    if verbose:
        print("\n".join(generated.not_expressed))


def _check(generated: "GeneratedPackage") -> None:
    from contract.generate import package

    differences = list(package.drift(generated))
    for difference in differences:
        print(difference, end="")
    if differences:
        print("The generated files are not up to date: run `contract generate`")
        raise typer.Exit(code=1)
