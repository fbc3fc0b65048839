"""The orders contract in Connexion's AsyncApp, driven by the document."""

import orders
from connexion import AsyncApp
from connexion.resolver import RelativeResolver

app = AsyncApp(__name__)
app.add_api(orders.as_30(), resolver=RelativeResolver("connexion_handlers"), strict_validation=True)
orders.settle()
