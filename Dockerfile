# All programs in one image; which one runs is the command.
#
#   docker build --build-arg VERSION=1.0 -t course-inventory .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=devel
# Without symbols the programs have two thirds of the size.
ENV GOFLAGS="'-ldflags=-s -w -X github.com/tl-its-umich-edu/course-inventory/cmd/internal/run.version=${VERSION}'"
RUN --mount=type=cache,target=/root/.cache/go-build make build

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates libstdc++6 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /data inventory \
 && install -d -o inventory -g inventory /data
COPY --from=build /src/bin/ /usr/local/bin/
USER 10001:10001
# The lake is ./data/lake unless LAKE says otherwise; configuration comes from ENV_DIR and the environment.
WORKDIR /data
CMD ["course-inventory", "run"]
