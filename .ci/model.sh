#!/usr/bin/env bash
# A real model for the tests: builds Ollama once into .cache/bin and creates soc-tiny in .cache/models, from the weights in
# testdata/model/soc-tiny. With both there it does nothing. Needs Go, a C compiler and the Go module proxy.
#
# By hand afterwards:
#   OLLAMA_HOST=127.0.0.1:11500 OLLAMA_MODELS=$PWD/.cache/models HOME=$PWD/.cache/home .cache/bin/ollama serve
set -euo pipefail
cd "$(dirname "$0")/.."

# Later versions need C headers that the module's zip lacks.
version=0.9.6
bin="$PWD/.cache/bin/ollama"
export OLLAMA_MODELS="$PWD/.cache/models" OLLAMA_NOHISTORY=1
tmp="$(mktemp -d)"
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$tmp"
}
trap finish EXIT

# Built beside and moved, so that a build that was cut short leaves nothing that looks finished.
if [ ! -x "$bin" ]; then
  mkdir -p "${bin%/*}"
  GOBIN="$tmp/bin" GOFLAGS=-buildvcs=false CGO_ENABLED=1 go install \
    -ldflags "-X github.com/ollama/ollama/version.Version=$version" "github.com/ollama/ollama@v$version"
  mv "$tmp/bin/ollama" "$bin"
fi

export HOME="$PWD/.cache/home"
mkdir -p "$HOME" "$OLLAMA_MODELS"
created="$OLLAMA_MODELS/manifests/registry.ollama.ai/library/soc-tiny/latest"
if [ -f "$created" ]; then exit 0; fi

export OLLAMA_HOST="127.0.0.1:${MODEL_PORT:-11501}"
"$bin" serve 2>"$tmp/log" &
server=$!
for _ in $(seq 100); do
  if "$bin" list >/dev/null 2>&1; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then
    cat "$tmp/log" >&2
    exit 1
  fi
  sleep 0.2
done
cd testdata/model/soc-tiny
"$bin" create soc-tiny -f Modelfile16
if [ ! -f "$created" ]; then
  echo "model: another server answers at $OLLAMA_HOST; MODEL_PORT chooses another port" >&2
  exit 1
fi
