"""The contract layer beside its peers: the same document, the same body, one core each, the load generator on another."""

from __future__ import annotations

import argparse
import copy
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import load
import servers
from load import Load, Result
from peers import orders

OURS = "contract (Flask, granian WSGI)"
SERVERS = (
    servers.granian(OURS, "ours:app", "wsgi"),
    servers.uvicorn("FastAPI (uvicorn)", "peer_fastapi:app"),
    servers.granian("FastAPI (granian)", "peer_fastapi:app", "asgi"),
    servers.uvicorn("Litestar (uvicorn)", "peer_litestar:app"),
    servers.granian("Litestar (granian)", "peer_litestar:app", "asgi"),
    servers.granian("Flask + openapi-core (granian)", "peer_flask_openapi_core:app", "wsgi"),
    servers.uvicorn("Connexion AsyncApp (uvicorn)", "peer_connexion_async:app"),
    servers.uvicorn("Connexion FlaskApp (uvicorn)", "peer_connexion_flask:app"),
)
TARGETS = {"FastAPI": 6, "Litestar": 4, "Connexion FlaskApp": 30}
LENIENT = {"Litestar": "a string for a number"}  # it converts, and this cannot be disabled
PATH = "/v1/orders"
WARM_UP_SECONDS = 2
ROUNDS = 2
CLIENTS = 64  # enough to keep every one of the servers busy

DAMAGES: dict[str, Callable[[orders.Json], object]] = {
    "a required field is missing": lambda body: body.pop("customer"),
    "an unknown field": lambda body: body.update(surprise=1),
    "a number out of bounds": lambda body: body["items"][0].update(quantity=0),
    "a string for a number": lambda body: body["items"][1].update(unit_price="48"),
    "a word outside its enum": lambda body: body.update(currency="XXX"),
    "an address without @": lambda body: body["customer"].update(email="ada"),
    "no items": lambda body: body.update(items=[]),
}


def main() -> int:
    """Check, measure and print; 1 when a peer does not serve the contract or a response was not a 200."""
    args = arguments()
    if lacking := servers.missing():
        print(*lacking, sep="\n", file=sys.stderr)
        return 2
    chosen = [server for server in SERVERS if not args.only or server.name == OURS or args.only.lower() in server.name.lower()]
    results: dict[str, list[Result]] = {server.name: [] for server in chosen}
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "order.json"
        body.write_text(json.dumps(orders.example()))
        for turn in range(ROUNDS):
            for server in chosen:
                results[server.name].append(measure(server, body, args.seconds))
                print(f"  round {turn + 1}: {server.name}: {results[server.name][-1].rate:,.0f} req/s", file=sys.stderr)
    report({name: load.middle(runs) for name, runs in results.items()})
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="length of one run (default 8)")
    parser.add_argument("--only", help="measure only peers whose name contains this (ours always)")
    return parser.parse_args()


def measure(server: servers.Server, body: Path, seconds: float) -> Result:
    """One run after a check and a warm-up. Raises SystemExit when a response was not a 200."""
    with servers.running(server, PATH) as server_now:
        serves_the_contract(server.name, server_now.url + PATH)
        offered = Load(PATH, body, CLIENTS)
        load.run(server_now, offered, WARM_UP_SECONDS)
        result = load.run(server_now, offered, seconds)
    if result.refused or result.broken:
        raise SystemExit(f"{server.name}: {result.refused} answers were refusals, {result.broken} connections broke")
    return result


def serves_the_contract(name: str, url: str) -> None:
    """Raises SystemExit unless the valid body is a 200 and each damaged one is refused."""
    status, answer = load.post(url, json.dumps(orders.example()).encode())
    if (status, answer.get("total"), answer.get("item_count")) != (200, 104.65, 6):
        raise SystemExit(f"{name}: the valid order was answered {status} {answer}")
    for label, damage in DAMAGES.items():
        body = copy.deepcopy(orders.example())
        if LENIENT.get(framework(name)) == label:
            continue
        damage(body)
        status, answer = load.post(url, json.dumps(body).encode())
        if status not in {400, 422}:
            raise SystemExit(f"{name}: {label} was answered {status} {answer}")


def framework(name: str) -> str:
    """The name without the server in parentheses."""
    return name.partition(" (")[0]


def report(results: dict[str, Result]) -> None:
    """Print the table, then the ratio to each peer with its target, if any."""
    print(f"{'contract layer, POST, one core':36}{load.HEAD}")
    for name, result in results.items():
        print(result.row(name))
    print()
    for name, result in results.items():
        if name != OURS:
            ratio, target = results[OURS].rate / result.rate, TARGETS.get(framework(name))
            wanted = f"  (target {target}x: {'met' if ratio >= target else 'MISSED'})" if target else ""
            print(f"ratio to {name:36}{ratio:8.1f}x{wanted}")


if __name__ == "__main__":
    sys.exit(main())
