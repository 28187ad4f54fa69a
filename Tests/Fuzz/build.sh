#!/usr/bin/env bash
# Builds the fuzz targets: the readers and FuzzTarget.swift as one module, under libFuzzer and the address sanitizer.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
out="${1:-$root/.build/fuzz}"
mkdir -p "$(dirname "$out")"
# What turns arrays into tensors needs the engine, and reads nothing.
datasets="$root/Sources/Datasets"
readers="$(find "$datasets/Formats" "$datasets/Labelled" "$datasets/Digits" -name '*.swift' ! -name '*+Tensor.swift')"
# shellcheck disable=SC2086
swiftc -O -swift-version 6 -parse-as-library -sanitize=fuzzer,address -module-name Fuzz -package-name Plumbline \
  $readers "$datasets/DatasetError.swift" "$datasets/Dataset.swift" "$datasets/ContentHash.swift" "$root/Tests/Fuzz/FuzzTarget.swift" -o "$out"
echo "$out"
