"""The handlers both Connexion peers resolve by operationId."""

import orders


def create_order(body: orders.Json) -> orders.Json:
    """Place an order."""
    return orders.answer(body)


def list_orders(page: int = 1, limit: int = 20) -> orders.Json:
    """One page of orders."""
    return {"orders": [], "page": page, "limit": limit}


def get_order(order_id: str) -> orders.Json:
    """One order."""
    return orders.stored(order_id)
