#!/usr/bin/env bash
# A real model server for the tests: builds Ollama into .cache/bin, once. Needs Go, a C++ compiler, the Go module proxy and some minutes.
# The tests start it, give it the weights in testdata/model/soc-tiny and end it: see internal/real/ollama.
#
# By hand:
#   export OLLAMA_HOST=127.0.0.1:11500 OLLAMA_MODELS=$PWD/.cache/models HOME=$PWD/.cache/home
#   .cache/bin/ollama serve & (cd testdata/model/soc-tiny && ../../../.cache/bin/ollama create soc-tiny -f Modelfile16)
set -euo pipefail
cd "$(dirname "$0")/.."

# Later versions need C headers that the module's zip lacks.
version=0.9.6
bin="$PWD/.cache/bin/ollama"
if [ -x "$bin" ]; then exit 0; fi

# Built beside and moved, so that a build that was cut short leaves nothing that looks finished.
tmp="$(mktemp -d)"
trap 'rm -rf "$tmp"' EXIT
mkdir -p "${bin%/*}"
GOBIN="$tmp" GOFLAGS=-buildvcs=false CGO_ENABLED=1 go install \
  -ldflags "-X github.com/ollama/ollama/version.Version=$version" "github.com/ollama/ollama@v$version"
mv "$tmp/ollama" "$bin"
