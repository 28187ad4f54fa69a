#!/usr/bin/env bash
# Builds the fuzz targets: the readers with FuzzTarget*.swift as one module, and what they stand on, under libFuzzer and
# the address sanitizer.
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
out="${1:-$root/.build/fuzz}"
parts="$out-parts"
mkdir -p "$parts"
kernels="$root/Sources/CKernels"
compile=(swiftc -O -wmo -swift-version 6 -parse-as-library -sanitize=fuzzer,address -package-name Plumbline
  -I "$parts" -I "$kernels/include" -module-cache-path "$parts/cache")

# The kernels read no files, and take minutes with the sanitizer.
for source in "$kernels"/*.c; do
  clang -O2 -ffp-contract=off -I "$kernels/include" -c "$source" \
    -o "$parts/$(basename "$source").o"
done
module() {
  local name="$1" folder="$2"
  # shellcheck disable=SC2046
  "${compile[@]}" -module-name "$name" -emit-module -emit-module-path "$parts/$name.swiftmodule" \
    -c $(find "$folder" -name '*.swift') -o "$parts/$name.o"
}
module Console "$root/Sources/Console"
module Plumbline "$root/Sources/Plumbline"
# shellcheck disable=SC2046
"${compile[@]}" -module-name Datasets $(find "$root/Sources/Datasets" "$root/Tests/Fuzz" -name '*.swift') \
  "$parts"/*.o -o "$out"
echo "$out"
