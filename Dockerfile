# One image for both processes: `ocr-service api` and `ocr-service worker`.

FROM python:3.11.14-slim-bookworm AS packages
COPY requirements/run.lock /build/run.lock
# Every package is checked against its hash; --no-deps because the lock is the whole list.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r /build/run.lock

FROM python:3.11.14-slim-bookworm
# poppler opens PDFs in a process of its own; OpenCV links to OpenGL and GLib.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-ipaexfont libgl1 libglib2.0-0 poppler-utils tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin ocr \
    && install -d -o ocr -g ocr /data
COPY --from=packages /opt/venv /opt/venv
COPY form_templates /app/form_templates
COPY workers /app/workers
COPY ocr_service /app/ocr_service
COPY --chmod=755 <<'EOF' /usr/local/bin/ocr-service
#!/opt/venv/bin/python -P
from ocr_service.cli import main

main()
EOF
RUN PYTHONPATH=/app /opt/venv/bin/python -m compileall -q /app
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    OCR_DATA_DIR=/data \
    OCR_HOST=0.0.0.0
USER ocr
WORKDIR /data
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["/usr/bin/tini", "--", "ocr-service"]
CMD ["up"]
