"""Traces for OpenTelemetry, where an endpoint is set; the one home of its library, which is loaded only then."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.version import version

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_tracers: list[Tracer] = []
"""The one tracer of the process, once it is set up."""


@contextlib.contextmanager
def tracing(endpoint: str | None) -> Iterator[None]:
    """Send the spans of the block to an endpoint of the OpenTelemetry protocol over HTTP; without one do nothing."""
    if not endpoint:
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    about = Resource.create({"service.name": "rung", "service.version": version()})
    provider = TracerProvider(resource=about, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    _tracers.append(provider.get_tracer("rung"))
    try:
        yield
    finally:
        _tracers.clear()
        provider.shutdown()


@contextlib.contextmanager
def span(name: str, about: dict[str, str]) -> Iterator[None]:
    """A span around the block, with what `about` holds in the end; nothing of a person belongs there."""
    if not _tracers:
        yield
        return
    with _tracers[0].start_as_current_span(name, record_exception=False) as current:
        try:
            yield
        finally:
            current.set_attributes(about)
