# One image for every role; docker-compose.yml says which command each service runs.
FROM python:3.11-slim-bookworm AS base

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 TOCSIN_DATA_DIR=/data

WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

# The index of topics has compiled steps. The compiler, 150 MB, stays behind in this stage.
FROM base AS built

RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY subscriptions subscriptions
COPY worker worker
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheel .

FROM base

COPY --from=built /wheel /wheel
RUN pip install --no-deps /wheel/*.whl \
    && useradd --system --uid 10001 --create-home tocsin \
    && install -d -o tocsin -g tocsin /data

USER tocsin
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["tocsin"]
CMD ["--help"]
