# syntax=docker/dockerfile:1
FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent reports \
    && install -d -o reports -g reports -m 0700 /data
COPY --from=packages /venv /venv
WORKDIR /app
COPY dash_app dash_app
COPY callbacks callbacks
COPY pages pages
COPY assets assets
# A program that prints PDFs is not in the image: docs/deployment.md says how to add one.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data HOST=0.0.0.0 PORT=8050
USER reports
VOLUME /data
EXPOSE 8050
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8050/health/live', timeout=4)"]
# The processes of the Procfile; the shell becomes gunicorn, which then gets the signals.
CMD ["sh", "-c", "exec gunicorn --bind ${HOST:-127.0.0.1}:${PORT:-8050} --workers ${WEB_CONCURRENCY:-3} --worker-class dash_app.web.worker.PatientWorker --threads 8 --logger-class dash_app.logs.gunicorn.Logger --limit-request-line 0 \"dash_app.app:create_server()\""]
