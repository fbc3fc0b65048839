"""The orders contract in Flask, each request validated by openapi-core against the document."""

import orders
from flask import Flask, Response, jsonify, request
from openapi_core import Config, OpenAPI
from openapi_core.contrib.flask.decorators import FlaskOpenAPIViewDecorator

app = Flask(__name__)
# No peer validates responses, so openapi-core does not either.
contract = FlaskOpenAPIViewDecorator(OpenAPI.from_dict(orders.load(), config=Config(spec_validator_cls=None)), response_cls=None)


@app.post("/v1/orders")
@contract
def create_order() -> Response:
    """Place an order."""
    return jsonify(orders.answer(request.get_json()))


@app.get("/v1/orders")
@contract
def list_orders() -> Response:
    """One page of orders."""
    query = request.openapi.parameters.query  # type: ignore[attr-defined]  # put there by the decorator
    return jsonify({"orders": [], "page": query["page"], "limit": query["limit"]})


@app.get("/v1/orders/<order_id>")
@contract
def get_order(order_id: str) -> Response:
    """One order."""
    return jsonify(orders.stored(order_id))


orders.settle()
