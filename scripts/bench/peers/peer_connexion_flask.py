"""The orders contract in Connexion's FlaskApp, driven by the document."""

import orders
from connexion import FlaskApp
from connexion.resolver import RelativeResolver

app = FlaskApp(__name__)
app.add_api(orders.as_30(), resolver=RelativeResolver("connexion_handlers"), strict_validation=True)
orders.settle()
