# One program that is all stages: called by a stage's name, which is a link to it, it is that stage.
#
#   docker build --build-arg VERSION=1.0 -t course-inventory .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY . .
ARG VERSION=devel
# Without symbols the programs have two thirds of the size.
ENV GOFLAGS="'-ldflags=-s -w -X github.com/tl-its-umich-edu/course-inventory/cmd/internal/run.version=${VERSION}'"
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    make build PROGRAMS='course-inventory campus' \
 && mkdir image \
 && mv bin/course-inventory image/ \
 && cd cmd \
 && for stage in extract-* transform load; do ln -s course-inventory "../image/$stage"; done

# OpenShift runs the image as any user of group 0, which so may write to /data.
# Nothing is to be installed: the C++ library that DuckDB needs is there, for apt.
FROM debian:bookworm-slim AS programs
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/image/ /usr/local/bin/
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data inventory \
 && install -d -o inventory -g 0 -m 0775 /data
USER 10001:10001
RUN course-inventory version
# The lake is ./data/lake unless LAKE says otherwise; configuration comes from ENV_DIR and the environment.
WORKDIR /data
CMD ["course-inventory", "run"]

# With the simulated university, for docker-compose.yaml.
FROM programs AS demo
COPY --from=build /src/bin/campus /usr/local/bin/

# What is built unless a target is named.
FROM programs
