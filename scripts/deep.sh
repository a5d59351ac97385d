#!/bin/bash
# Long checks by hand: static analysis, other standards, thread sanitizer, fuzzers, many seeds.
# usage: deep.sh            (environment: FUZZ_SECONDS per target, default 60; SEEDS, default 20000)
set -euo pipefail
cd "$(dirname "$0")/.."
fuzz_seconds=${FUZZ_SECONDS:-60}
seeds=${SEEDS:-20000}
sources=$(git ls-files 'base/*.c' 'study/*.c' 'crawler/*.c' 'classifier/*.c' 'extractor/*.c' \
    'aggregator/*.c' 'cli/*.c')

echo "== cppcheck"
# shellcheck disable=SC2086 # a list of words is meant
cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
    --inline-suppr --suppress=missingIncludeSystem --suppress=internalAstError \
    -I . -I build/release $sources
echo "== clang-tidy"
# shellcheck disable=SC2086
clang-tidy-14 -p build/release --quiet $sources
for standard in c17 c2x; do
    echo "== gcc -std=$standard"
    for source in $sources; do
        gcc -std=$standard -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DXUNFANG_VERSION='"0"' \
            -I . -isystem build/release -I /usr/include/libxml2 -fsyntax-only "$source"
    done
done
echo "== thread sanitizer"
make PRESET=tsan build
ctest --test-dir build/tsan --output-on-failure -L 'unit|contract'
echo "== simulation, $seeds seeds"
build/release/tests/sim/sim --seeds 1 "$seeds"
echo "== fuzzers, $fuzz_seconds s each"
make PRESET=fuzz build
for target in build/fuzz/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ -f "$target" ] || continue
    echo "-- $(basename "$target")"
    "$target" -max_total_time="$fuzz_seconds" -print_final_stats=1 2>&1 | tail -3
done
