"""Parameters of generated Python clients in every style: models and dictionaries are written alike."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.support.python_clients import client, generated

DOCUMENT = Path(__file__).parent / "documents" / "styles.yaml"


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    with generated(tmp_path_factory.mktemp("styles"), DOCUMENT.read_text("utf-8")) as package:
        yield package


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({"filter": {"name": "a b", "size": 3}}, "filter%5Bname%5D=a%20b&filter%5Bsize%5D=3"),
        ({"space": ["x", "y"]}, "space=x%20y"),
        ({"pipe": [1, 2]}, "pipe=1%7C2"),
        ({"comma": ["a,b", "c"]}, "comma=a%2Cb,c"),
        ({"many": [1, 2]}, "many=1&many=2"),
        ({"pair": {"a": 1, "b": "z"}}, "pair=a,1,b,z"),
        ({"colors": {"r": 1, "g": 2}}, "colors=r%7C1%7Cg%7C2"),
        ({"json": {"q": "é"}}, "json=%7B%22q%22%3A%22%C3%A9%22%7D"),
        ({"reserved": "/a:b"}, "reserved=/a:b"),
    ],
)
def test_query_parameters_are_written_in_their_style(styles: Any, arguments: Any, query: str) -> None:
    api, recorder = client(styles, httpx.Response(204))

    api.styles.search(**arguments)

    assert recorder.paths == [f"/v1/search?{query}"]


def test_models_are_written_like_dictionaries(styles: Any) -> None:
    models = importlib.import_module(f"{styles.__name__}.models")
    api, recorder = client(styles, httpx.Response(204))

    api.styles.search(filter=models.Filter(name="a"), x_map={"R": 1, "G": 2}, ids=[1, 2])

    assert recorder.paths == ["/v1/search?filter%5Bname%5D=a"]
    assert (recorder.requests[0].headers["x-map"], recorder.requests[0].headers["cookie"]) == ("R=1,G=2", "ids=1,2")


def test_path_parameters_are_written_in_their_style(styles: Any) -> None:
    api, recorder = client(styles, httpx.Response(204))

    api.styles.walk(["a", "b/c"], [1, 2], [1, 2], {"x": 1, "y": 2})

    assert recorder.paths == ["/v1/m;matrix=a;matrix=b%2Fc/l.1,2/s/1,2/o/x=1,y=2"]
