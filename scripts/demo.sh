#!/bin/bash
# The demo: 41 simulated city sites on loopback, the whole job over them, results in out/demo/.
# usage: demo.sh BUILD [DOCUMENTS]
set -euo pipefail
build=${1:?build folder}
documents=${2:-20000}
here=$(cd "$(dirname "$0")/.." && pwd)
out=$here/out
mkdir -p "$out"

"$build/tests/sites/xunfang-sites" --cities 41 --documents "$documents" --seed 7 --port 18080 \
    --address 127.0.2 --log "$out/demo-requests.log" --truth "$out/demo-truth.jsonl" \
    > "$out/demo-sites.txt" &
sites=$!
trap 'kill $sites 2>/dev/null || true' EXIT
for _ in $(seq 100); do
    grep -q ready "$out/demo-sites.txt" && break
    kill -0 $sites
    sleep 0.1
done

status=0
"$build/bin/xunfang" run "$here/jobs/demo.yaml" --data "$out/demo-data" --out "$out/demo" || status=$?
[ $status -eq 0 ] || [ $status -eq 3 ] || exit $status
echo "open $out/demo/report.html"
exit $status
