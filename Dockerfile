# Rung in a container: without root, on a file system that may be read-only, with nothing of the tools that made it.
FROM python:3.12-slim AS build
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-agents.txt /
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --no-compile --disable-pip-version-check --require-hashes -r /${REQUIREMENTS} \
 && /opt/venv/bin/pip uninstall --yes --quiet pip

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home --shell /usr/sbin/nologin rung
COPY --from=build /opt/venv /opt/venv
WORKDIR /app
COPY pyproject.toml ./
COPY content ./content
COPY handlers ./handlers
COPY scheduler ./scheduler
COPY bot ./bot
RUN /opt/venv/bin/python -m compileall -q /opt/venv/lib /app
# A container's own address is the only one its neighbours can reach; ports are opened by whoever runs it.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MALLOC_ARENA_MAX=2 \
    HOST=0.0.0.0 \
    PORT=3978 \
    WORKER_PORT=3978 \
    DATABASE_URL=sqlite:////data/rung.db
USER 10001:10001
VOLUME /data
EXPOSE 3978
STOPSIGNAL SIGTERM
# A worker serves the same page on WORKER_PORT.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["all"]
