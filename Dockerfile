# One image for every role; docker-compose.yml says which command each service runs.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 TOCSIN_DATA_DIR=/data

WORKDIR /app
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY subscriptions subscriptions
COPY worker worker
RUN pip install --no-deps --no-build-isolation . \
    && useradd --system --uid 10001 --create-home tocsin \
    && install -d -o tocsin -g tocsin /data

USER tocsin
VOLUME /data
EXPOSE 8000
ENTRYPOINT ["tocsin"]
CMD ["--help"]
