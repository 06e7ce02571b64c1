# docker build -t banto .      docs/deployment.md says how to run it.

FROM node:22-bookworm-slim AS console
WORKDIR /src/console-web
COPY console-web/package.json console-web/package-lock.json console-web/.npmrc* ./
RUN npm ci --no-audit --no-fund
COPY console-web ./
# Pages of the console are made from it.
COPY docs ../docs
RUN npm run build

FROM rust:1.95-bookworm AS server
WORKDIR /src
COPY . .
COPY --from=console /src/console-web/dist console-web/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package banto-server --bin banto && cp target/release/banto /banto

FROM debian:bookworm-slim
# Certificates for the providers.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin banto \
    && install -d -o banto -g banto -m 700 /data
COPY --from=server /banto /usr/local/bin/banto
USER banto
WORKDIR /data
VOLUME /data
# All addresses of the container, without TLS: publish the port on 127.0.0.1, put
# a proxy before it, or give a certificate.
ENV BANTO_DATA_DIR=/data \
    BANTO_LISTEN=0.0.0.0:7310 \
    BANTO_ALLOW_INSECURE_BIND=true
EXPOSE 7310
STOPSIGNAL SIGTERM
ENTRYPOINT ["banto"]
CMD ["serve"]
