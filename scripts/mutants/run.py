"""Sample mutants of the code that decides, and run against each the tests that reach it.

cosmic-ray makes the mutants: comparisons and boolean operators turned, arithmetic exchanged, loops left. The tests of a
line are known from a run of the whole suite with coverage contexts, which is repeated when the commit has changed (`--coverage FILE` uses
another). A mutant that survives a first few of its tests meets all of them. Mutants that behave as the original does are listed with the
reason in `equivalent.txt`.

    .venv/bin/python scripts/mutants/run.py --sample 300 --seed 1
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import coverage
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "mutants"
ROOMS = (
    "src/misarmail_server/services",
    "src/misarmail_server/delivery",
    "src/misarmail_server/events",
    "src/misarmail_server/received",
    "src/contract/runtime",
    "src/contract/diff",
)
COMPARISONS = {
    "Eq": ("NotEq",),
    "NotEq": ("Eq",),
    "Is": ("IsNot",),
    "IsNot": ("Is",),
    "Lt": ("LtE", "GtE"),
    "LtE": ("Lt", "Gt"),
    "Gt": ("GtE", "LtE"),
    "GtE": ("Gt", "Lt"),
}
OPERATORS = (
    *(f"ReplaceComparisonOperator_{old}_{new}" for old, others in COMPARISONS.items() for new in others),
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ZeroIterationForLoop", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak"),
    *("ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_Invert"),
    *("ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add", "ReplaceBinaryOperator_Mul_FloorDiv"),
    *("ReplaceBinaryOperator_FloorDiv_Mul", "ReplaceBinaryOperator_Div_Mul", "ReplaceBinaryOperator_Mod_Add"),
)
CONSTANTS = ("ReplaceTrueWithFalse", "ReplaceFalseWithTrue")
FIRST_TESTS = 60  # of a mutant; the rest run if it survives them
MAX_TESTS = 3_000
TEST_SECONDS = 300.0  # an endless loop is a mutant killed
PYTEST = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--no-header")


@dataclass(frozen=True)
class Mutant:
    """The `occurrence`-th place of an operator in a module."""

    path: str
    operator: str
    occurrence: int
    line: int
    column: int

    @property
    def name(self) -> str:
        """How reports and `equivalent.txt` call it."""
        source = (ROOT / self.path).read_text().splitlines()[self.line - 1].strip()
        return f"{self.path}:{self.operator}:{source}"


def main() -> int:
    """1 if a mutant survived that is not listed as equivalent."""
    options = _options()
    equivalent = _equivalent()
    all_mutants = [mutant for path in _modules(options.rooms) for mutant in mutants(path)]
    sample = random.Random(options.seed).sample(all_mutants, min(options.sample, len(all_mutants)))  # noqa: S311 - a sample
    tests = Tests(options.coverage or _coverage())
    print(f"{len(sample)} of {len(all_mutants):,} mutants, seed {options.seed}", flush=True)
    trees: Queue[Path] = Queue()
    for number in range(options.processes):
        trees.put(_tree(number))
    with ThreadPoolExecutor(options.processes) as pool:
        survivors = [mutant for mutant in pool.map(lambda mutant: _run(mutant, tests, trees), sample) if mutant is not None]
    new = [mutant for mutant in survivors if mutant.name not in equivalent]
    killed = len(sample) - len(survivors)
    share = f"{100 * killed / len(sample):.1f} %"
    print(f"killed {killed} of {len(sample)} ({share}), equivalent {len(survivors) - len(new)}, survivors {len(new)}")
    return int(bool(new))


def mutants(path: str) -> Iterator[Mutant]:
    """Every mutant of a module.

    Annotations are not evaluated, decorators and options describe classes, and `strict` of `zip` is an assertion: they have none.
    """
    source = (ROOT / path).read_text()
    tree = get_ast(source)
    ignored = _not_code(source)
    lines = source.splitlines()
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        positions = (position for node in ast_nodes(tree) for position in operator.mutation_positions(node))
        for occurrence, ((line, column), _) in enumerate(positions):
            if line not in ignored and not (name in CONSTANTS and "strict=" in lines[line - 1]):
                yield Mutant(path, name, occurrence, line, column)


class Tests:
    """The tests that reach a line."""

    def __init__(self, file: Path) -> None:
        self._data = coverage.CoverageData(str(file))
        self._data.read()
        self._files = {str(Path(name)).partition("/src/")[2]: name for name in self._data.measured_files()}

    def of(self, mutant: Mutant) -> list[str]:
        """Those of the module's own test file first; an import reaches a line without a test, so these run for it too."""
        file = self._files.get(mutant.path.removeprefix("src/"))
        contexts = self._data.contexts_by_lineno(file).get(mutant.line, []) if file else []
        ids = sorted({context.partition("|")[0] for context in contexts if context})
        own = f"test_{Path(mutant.path).stem}.py"
        if not ids:
            mirrored = Path("tests") / Path(mutant.path).relative_to("src").with_name(own)
            return [str(path) for path in (mirrored, *mirrored.parents) if (ROOT / path).exists()][:1]
        random.Random(0).shuffle(ids)  # noqa: S311 - tests of different files early
        return sorted(ids, key=lambda id_: own not in id_)[:MAX_TESTS]


def _run(mutant: Mutant, tests: Tests, trees: Queue[Path]) -> Mutant | None:
    """None if a test failed."""
    tree = trees.get()
    try:
        began = time.monotonic()
        ids = tests.of(mutant)
        survives = not ids or _survives(mutant, ids, tree)
        seconds = time.monotonic() - began
        location = f"{mutant.path}:{mutant.line} {mutant.operator}"
        print(f"{'SURVIVED' if survives else 'killed  '} {seconds:5.1f} s {len(ids):5} tests  {location}", flush=True)
        if survives:
            print(f"         {mutant.name}", flush=True)
        return mutant if survives else None
    finally:
        trees.put(tree)


def _survives(mutant: Mutant, ids: Sequence[str], tree: Path) -> bool:
    file = tree / mutant.path
    original = file.read_text()
    mutated = mutate_code(original, get_operator(f"core/{mutant.operator}")(), mutant.occurrence)
    if mutated is None:
        raise RuntimeError(f"{mutant} is none")
    file.write_text(mutated)
    try:
        return all(_passes(part, tree) for part in (ids[:FIRST_TESTS], ids[FIRST_TESTS:]) if part)
    finally:
        file.write_text(original)


def _passes(ids: Sequence[str], tree: Path) -> bool:
    """Whether the tests pass. They run with the tree's own sources before the installed ones."""
    listed = tree / "build" / "ids"
    listed.parent.mkdir(exist_ok=True)
    listed.write_text("\n".join(ids))
    environment = {**os.environ, "PYTHONPATH": f"{tree}/src:{tree}/generated", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        command = [sys.executable, "-m", "pytest", *PYTEST, f"@{listed}"]
        return subprocess.run(command, cwd=tree, env=environment, timeout=TEST_SECONDS, capture_output=True, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _not_code(source: str) -> set[int]:
    """The lines of annotations, decorators and options of classes."""
    lines: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        is_assigned = isinstance(node, ast.AnnAssign) and node.value is not None
        annotations = [] if is_assigned else [getattr(node, "annotation", None), getattr(node, "returns", None)]
        keywords = [keyword.value for keyword in node.keywords] if isinstance(node, ast.ClassDef) else []
        for expression in (*annotations, *getattr(node, "decorator_list", ()), *keywords):
            lines |= _lines(expression) if isinstance(expression, ast.expr) else set()
    return lines


def _lines(node: ast.expr | ast.stmt) -> set[int]:
    return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))


def _modules(rooms: Sequence[str]) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for room in rooms for path in (ROOT / room).rglob("*.py"))


def _equivalent() -> set[str]:
    file = Path(__file__).with_name("equivalent.txt")
    return {line for line in file.read_text().splitlines() if line and not line.startswith("#")}


def _coverage() -> Path:
    """A run of the whole suite, once for each commit."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    file = BUILD / f"coverage-{commit[:12]}"
    if not file.exists():
        print("running the suite with coverage", flush=True)
        BUILD.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--cov=src", "--cov-context=test", "--cov-report="]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "COVERAGE_FILE": str(file)}, check=True)
    return file


def _tree(number: int) -> Path:
    """A copy of the tracked files, to mutate."""
    tree = BUILD / f"tree-{number}"
    shutil.rmtree(tree, ignore_errors=True)
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=300, metavar="N", help="mutants to try (default: 300)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000), help="which ones (default: random)")
    parser.add_argument("--processes", type=int, default=2, metavar="N", help="mutants at once (default: 2)")
    parser.add_argument("--coverage", type=Path, metavar="FILE", help="a coverage file with contexts, instead of a run of the suite")
    parser.add_argument("--rooms", nargs="+", default=ROOMS, metavar="FOLDER", help="folders to mutate")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
