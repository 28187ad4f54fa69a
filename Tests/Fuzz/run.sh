#!/usr/bin/env bash
# Runs fuzz targets one after the other, each from its seeds: run.sh EXECUTIONS [TARGET...]
# Stops at the first finding, which then lies in the work folder (default .build/fuzz-work, or $PLUMB_FUZZ_WORK).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
golden="$root/Tests/Golden/files"
work="${PLUMB_FUZZ_WORK:-$root/.build/fuzz-work}"
executions="${1:?how many executions of each target?}"
shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(zip npy npz safetensors idx csv labelled file tar parameters network examples)

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
    tar)
      (cd "$work" && printf hello > a && : > b && tar --format=ustar -cf "$seeds/two" ./a b && gzip -nc "$seeds/two" > "$seeds/gzip") ;;
    parameters)
      cp "$golden"/*.npz "$seeds"
      # Four arrays: name, type, rank and dimensions, values.
      printf '\004\0\0\014\002\002\003%048d\001\014\001\003%024d\002\014\002\003\001%024d\003\014\001\001%08d\0' 1 2 3 4 > "$seeds/dense" ;;
    network)
      printf '{"input": [2], "layers": [{"layer": "dense", "outputs": 3}, {"layer": "relu"}, {"layer": "dense", "outputs": 1, "initializer": "lecun"}]}' > "$seeds/dense"
      printf '{"input": [3, 8, 8], "output": "softmax", "layers": [{"layer": "convolution", "outputs": 4, "kernel": 3, "padding": 1}, {"layer": "batch-norm"}, {"layer": "residual", "scale": 0.7, "branch": [{"layer": "relu", "name": "a"}, {"layer": "again", "of": "a"}]}, {"layer": "global-average-pool"}]}' > "$seeds/pictures" ;;
    examples)
      # Two bytes choose the options.
      printf '\0\0a,b,class\n1,2.5,x\n3,-4e1,y\n1,2,x\n1,2,y\n' > "$seeds/classes"
      printf '\0\0001;2;0.5\n3;4;0.25\n5;6;1\n7;8;2\n' > "$seeds/values"
      printf '\0\0label,a\n0,1e300\n1,-1e308\n0,2\n1,3\n0,1e-320\n' > "$seeds/huge" ;;
    file) cp "$golden"/*.npz "$golden"/*.npy "$golden"/*.safetensors "$seeds" ;;
  esac
  echo "== $target"
  PLUMB_FUZZ="$target" ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no nice -n 19 "$work/fuzz" -runs="$executions" -max_len=2048 \
    -rss_limit_mb=1024 -malloc_limit_mb=256 -timeout=20 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$work/finding-$target-" "$seeds"
done
