# The image of an agent (and streamctl), built from this folder with the packages of Debian 12 and
# the repository's own scripts.
#
#   docker build -t streamhouse .
#   docker run --rm -p 9090:9090 -p 8080:8080 -v streamhouse_data:/var/lib/streamhouse \
#     -e ADVERTISED_GRPC_ADDR=127.0.0.1:9090 streamhouse
#
# Settings are environment variables (.env.example) or flags after the image's name. It needs no
# rights: give it --read-only, --cap-drop ALL and --security-opt no-new-privileges.
FROM debian:12-slim AS build
WORKDIR /build
COPY scripts/install_dependencies scripts/
RUN scripts/install_dependencies build && rm -rf /var/lib/apt/lists/*
COPY . .
RUN cmake --preset release -DSH_BUILD_TESTS=OFF -DSH_BUILD_BENCH=OFF \
  && ninja -C build/release streamhouse-server streamctl
RUN scripts/runtime_packages build/release/streamhouse-server build/release/streamctl >packages \
  && mkdir bin \
  && llvm-strip-19 -o bin/streamhouse-server build/release/streamhouse-server \
  && llvm-strip-19 -o bin/streamctl build/release/streamctl

FROM debian:12-slim
COPY --from=build /build/packages /tmp/packages
# ca-certificates: to tell the right S3 server and database from others.
RUN apt-get update \
  && xargs apt-get install --yes --no-install-recommends ca-certificates </tmp/packages \
  && rm -rf /var/lib/apt/lists/* /tmp/packages \
  && useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin \
    streamhouse \
  && install --directory --owner streamhouse --group streamhouse /var/lib/streamhouse
COPY --from=build /build/bin/ /usr/local/bin/
COPY deploy/docker/health_check /usr/local/bin/
COPY LICENSE /usr/share/doc/streamhouse/
USER 10001:10001
# Where ./data lies, if the stores are the embedded ones.
WORKDIR /var/lib/streamhouse
VOLUME /var/lib/streamhouse
# Inside a container the loopback is nobody's. What clients can connect to only its user knows:
# ADVERTISED_GRPC_ADDR and ADVERTISED_KAFKA_ADDR.
ENV GRPC_ADDR=0.0.0.0:9090 HTTP_ADDR=0.0.0.0:8080 KAFKA_ADDR=0.0.0.0:9092
EXPOSE 9092 9090 8080
# Drains; docker stop needs --time 90 for that.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["health_check"]
ENTRYPOINT ["streamhouse-server"]
