"""What the service counts, for Prometheus. No prompt, name or id is among it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """One registry a service, so that several in one process do not mix."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.requests = Counter(
            "motionary_requests", "Requests by route and status.", ("method", "route", "status"), registry=registry
        )
        self.seconds = Histogram(
            "motionary_request_seconds", "Seconds until the answer began.", ("route",), buckets=_SHORT,
            registry=registry,
        )  # fmt: skip
        self.jobs = Counter("motionary_jobs", "Jobs that ended.", ("task", "state"), registry=registry)
        self.waited = Histogram("motionary_job_wait_seconds", "Seconds queued.", buckets=_SHORT, registry=registry)
        self.ran = Histogram("motionary_job_run_seconds", "At work.", ("task",), buckets=_SHORT, registry=registry)
        self.refused = Counter("motionary_queue_full", "Jobs refused because the queue was full.", registry=registry)
        self.uploads = Counter("motionary_uploads", "Uploads by kind; refused ones too.", ("kind",), registry=registry)
        self.upload_bytes = Counter("motionary_upload_bytes", "Bytes of uploads.", registry=registry)
        self.queue = Gauge("motionary_queue_length", "Jobs that wait.", registry=registry)
        self.running = Gauge("motionary_jobs_running", "Jobs that run.", registry=registry)
        self.streams = Gauge("motionary_event_streams", "Event streams that are open.", registry=registry)
        self.ready = Gauge("motionary_ready", "1 when the models are loaded.", registry=registry)
        self.starts = Gauge("motionary_worker_starts", "Starts of a process.", ("role",), registry=registry)
        self.memory = Gauge("motionary_memory_bytes", "Memory that a process holds.", ("role",), registry=registry)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)
