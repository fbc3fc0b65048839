"""`GET /metrics` in the Prometheus text format, for the requests that the settings allow."""

from __future__ import annotations

import hmac
from itertools import groupby

import flask
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from misarmail_server.db.store import Store
from misarmail_server.errors import Unavailable
from misarmail_server.external import client_networks
from misarmail_server.services import metrics
from misarmail_server.services.metrics import METRICS, MetricSample
from misarmail_server.services.request_counts import RequestCounts
from misarmail_server.settings import Settings

FAMILIES: dict[str, type[GaugeMetricFamily | CounterMetricFamily]] = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")  # a proxy on this machine sends these for remote clients


def page(settings: Settings, store: Store, counts: RequestCounts | None = None) -> flask.Response:
    """The metrics; 404 for unauthorized requests, so that the page's existence is not revealed."""
    if not _is_allowed(settings):
        flask.abort(404)
    try:
        with store.read() as connection:
            samples = [*metrics.samples(connection), *metrics.request_samples(counts)]
    except Unavailable:
        flask.abort(503)
    registry = CollectorRegistry()
    registry.register(_Collector(samples))
    return flask.Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Collector:
    """Samples in the form that prometheus-client requires."""

    def __init__(self, samples: list[MetricSample]) -> None:
        self._samples = sorted(samples)

    def collect(self) -> list[Metric]:
        """One family per name."""
        return [_family(name, list(group)) for name, group in groupby(self._samples, key=lambda sample: sample.name)]


def _family(name: str, group: list[MetricSample]) -> Metric:
    kind, help_text = METRICS[name]
    family = FAMILIES[kind](name, help_text, labels=[label for label, _ in group[0].labels])
    for sample in group:
        family.add_metric([value for _, value in sample.labels], sample.value)
    return family


def _is_allowed(settings: Settings) -> bool:
    request = flask.request
    if settings.metrics_access == "open" or (settings.metrics_access == "local" and _is_local(request)):
        return True
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.metrics_token) and hmac.compare_digest(token.encode(), settings.metrics_token.encode())


def _is_local(request: flask.Request) -> bool:
    try:
        is_local = client_networks.is_loopback(request.remote_addr or "")
    except ValueError:
        return False
    return is_local and not any(name in request.headers for name in FORWARDED)
