# syntax=docker/dockerfile:1
# Sidecoach as an image: the browser's part, a wheel with it, and a runtime that has nothing else.

FROM node:24-slim AS client
WORKDIR /src/client
COPY client/package.json client/package-lock.json client/.npmrc ./
RUN npm ci
COPY client/ ./
RUN npm run build

FROM python:3.13-slim AS wheel
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /src
COPY pyproject.toml uv.lock ./
RUN uv venv /opt/sidecoach \
    && uv export --frozen --no-dev --no-emit-project --extra otel --output-file /tmp/requirements.txt --quiet \
    && VIRTUAL_ENV=/opt/sidecoach uv pip install --no-cache --compile-bytecode --require-hashes --requirement /tmp/requirements.txt
COPY README.md ./
COPY protocol/ protocol/
COPY session_engine/ session_engine/
COPY server/ server/
COPY --from=client /src/server/static/ server/static/
RUN uv build --wheel --out-dir /tmp/dist \
    && VIRTUAL_ENV=/opt/sidecoach uv pip install --no-cache --compile-bytecode --no-deps /tmp/dist/*.whl

FROM python:3.13-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/sidecoach --create-home sidecoach \
    && chmod 700 /var/lib/sidecoach
COPY --from=wheel /opt/sidecoach /opt/sidecoach
ENV PATH=/opt/sidecoach/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SIDECOACH_DATA_DIR=/var/lib/sidecoach
USER 10001
VOLUME /var/lib/sidecoach
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
# tini takes in what a killed launcher leaves behind, and hands signals on.
ENTRYPOINT ["tini", "--", "sidecoach"]
CMD ["serve"]
