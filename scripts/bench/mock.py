"""Requests per second that `contract mock` serves for our document: a contact, a page of fifty, a new one. `mock.py [--seconds 5]`."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

SCRIPT = Path(__file__).with_name("post.lua")
CLIENTS = 8
KEY = {"Authorization": "Bearer any", "Content-Type": "application/json"}
CONTACT = json.dumps({"email": "bob@example.com", "first_name": "Bob", "tags": ["vip"]}).encode()
RATE = re.compile(r"Requests/sec:\s*([\d.]+)")
REFUSED = re.compile(r"Non-2xx or 3xx responses: (\d+)")


def main() -> None:
    """Measure a mock with sixty contacts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=5)
    seconds = parser.parse_args().seconds
    command = [sys.executable, "-m", "contract.cli", "mock", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, tempfile.NamedTemporaryFile() as body:
        try:
            assert process.stdout is not None
            url = re.findall(r"http://[^\s,]+", process.stdout.readline())[0] + "/v1/contacts"
            Path(body.name).write_bytes(CONTACT)
            for _ in range(60):
                urllib.request.urlopen(urllib.request.Request(url, CONTACT, KEY), timeout=30).close()  # noqa: S310  # http to this machine
            show("get a contact", f"{url}/cct_abc123", seconds)
            show("list fifty contacts", url, seconds)
            show("create a contact", url, seconds, "-s", str(SCRIPT), "--", body.name, "any")
        finally:
            process.terminate()


def show(name: str, url: str, seconds: int, *words: str) -> None:
    """Print a line: requests per second, and the number of responses that were not a success."""
    script, arguments = (words[:2], words[2:]) if words else ((), ())
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds}s", "-H", "Authorization: Bearer any", *script, url, *arguments]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    refused = REFUSED.search(output)
    print(f"{name:24}{float(RATE.findall(output)[0]):10,.0f} req/s{refused[1] if refused else '0':>8} refused")


if __name__ == "__main__":
    main()
