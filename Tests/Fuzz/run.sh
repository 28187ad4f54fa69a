#!/usr/bin/env bash
# Runs fuzz targets one after the other, each from its seeds: run.sh EXECUTIONS [TARGET...]
# Stops at the first finding, which then lies in the work folder (default .build/fuzz-work, or $PLUMB_FUZZ_WORK).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
golden="$root/Tests/DatasetsTests/GoldenFiles"
work="${PLUMB_FUZZ_WORK:-$root/.build/fuzz-work}"
executions="${1:?how many executions of each target?}"
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(zip npy npz safetensors idx csv labelled file)

"$here/build.sh" "$work/fuzz" 2>/dev/null >&2 || "$here/build.sh" "$work/fuzz"
for target in "${targets[@]}"; do
  seeds="$work/corpus/$target"
  mkdir -p "$seeds"
  case "$target" in
    zip) cp "$golden"/*.zip "$golden"/stored.npz "$seeds" ;;
    npy) cp "$golden"/*.npy "$seeds" ;;
    npz) cp "$golden"/*.npz "$golden"/float64.npy "$golden"/fortran.npy "$seeds" ;;
    safetensors) cp "$golden"/*.safetensors "$seeds" ;;
    idx) printf '\0\0\010\002\0\0\0\002\0\0\0\003abcdef' > "$seeds/bytes"; gzip -nc "$seeds/bytes" > "$seeds/gzip" ;;
    csv)
      printf 'a,b,class\n1,2.5,x\n3,-4e1,y\n' > "$seeds/header"
      printf '"q ""x""";y\r\n1;"a\nb"\r\n2;c\r\n' > "$seeds/quotes"
      printf '# x y\n1.0e+00 2.0e-01\n3 4\n' > "$seeds/numpy"
      printf ',a,y\n0,1,2\n1,?,4\n' > "$seeds/pandas" ;;
    labelled)
      # Types, ranks and dimensions of four arrays, then their bytes.
      printf '\014\002\003\002\0\010\001\003\0\0\014\002\001\002\0\010\001\001\0\0\0\001%0150d' 1 > "$seeds/four" ;;
    file) cp "$golden"/*.npz "$golden"/*.npy "$golden"/*.safetensors "$seeds" ;;
  esac
  echo "== $target"
  PLUMB_FUZZ="$target" ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no nice -n 19 "$work/fuzz" -runs="$executions" -max_len=2048 \
    -rss_limit_mb=1024 -malloc_limit_mb=256 -timeout=20 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$work/finding-$target-" "$seeds"
done
