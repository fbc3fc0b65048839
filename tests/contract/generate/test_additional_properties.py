"""Properties beside the declared ones reach handlers in their field, and are beside the others in responses."""

from __future__ import annotations

from typing import Any

from tests.contract.generate.test_generated_runtime import api  # noqa: F401 - the fixture


def served(api: Any, **handlers: Any) -> tuple[Any, Any, list[Any]]:  # noqa: F811 - the fixture
    """(the client, the models, the bodies that handlers got)."""
    package = api("additional_properties")
    given: list[Any] = []

    def answer(_: Any, body: Any) -> Any:
        given.append(body)
        return body

    return package.client(**{"create_thing": answer, "create_shapes": answer, **handlers}), package.models, given


def test_typed_additional_properties_reach_the_handler_and_the_response(api: Any) -> None:  # noqa: F811
    client, models, given = served(api)
    body = {"id": 1, "small": {"unit": "cm", "width": 2}, "inner": {"id": 2, "large": {"unit": "m"}}}

    response = client.post("/things", json=body)

    small, large = models.Size(unit="cm", additional_properties={"width": 2}), models.Size(unit="m")
    inner = models.Thing(id=2, additional_properties={"large": large})
    assert given == [models.Thing(id=1, inner=inner, additional_properties={"small": small})]
    assert (response.status_code, response.json) == (200, body)


def test_names_of_fields_are_names_like_others(api: Any) -> None:  # noqa: F811
    client, models, given = served(api)
    body = {
        "id": 1,
        "additional_properties": {"unit": "a"},
        "contract:additional_properties": {"unit": "b", "contract:additional_properties": 3},
    }

    response = client.post("/things", json=body)

    named = {
        "additional_properties": models.Size(unit="a"),
        "contract:additional_properties": models.Size(unit="b", additional_properties={"contract:additional_properties": 3}),
    }
    assert given == [models.Thing(id=1, additional_properties=named)]
    assert response.json == body


def test_additional_properties_of_another_type_are_refused(api: Any) -> None:  # noqa: F811
    client, _, given = served(api)

    refused = [
        client.post("/things", json={"id": 1, name: value}).status_code
        for name, value in (("a", 1), ("contract:additional_properties", {"x": 1}))
    ]

    assert (refused, given) == ([400, 400], [])


def test_properties_by_pattern_in_a_tagged_union(api: Any) -> None:  # noqa: F811
    client, models, given = served(api)
    body = [{"kind": "Square", "side_a": 1.5, "label_a": "x"}, {"kind": "Square"}]

    response = client.post("/shapes", json=body)
    client.post("/shapes", json=[{"kind": "Circle", "radius": [1], "additional_properties": "declared"}])

    circle = given[1][0]
    assert given[0] == [models.Square(additional_properties={"side_a": 1.5, "label_a": "x"}), models.Square()]
    assert (circle.additional_properties, circle.contract_additional_properties) == ("declared", {"radius": [1]})
    assert response.json == body


def test_a_declared_property_of_a_response_wins(api: Any) -> None:  # noqa: F811
    client, _, _ = served(api, create_thing=lambda _, body: type(body)(id=1, additional_properties={"id": 2}))

    assert client.post("/things", json={"id": 5}).json == {"id": 1}
