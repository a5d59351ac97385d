#!/bin/bash
# The demo over Kafka: one real broker of its own, 41 simulated city sites, results in out/demo-kafka/.
# The broker's logs stay in out/demo-kafka-broker: the same command again goes on.
# usage: demo-kafka.sh BUILD [DOCUMENTS]
set -euo pipefail
build=${1:?build folder}
documents=${2:-20000}
here=$(cd "$(dirname "$0")/.." && pwd)
out=$here/out
mkdir -p "$out"

# In sessions of their own: Ctrl-C is for the run alone, which then drains.
coproc BROKER { exec setsid python3 "$here/tests/kafka/brokers.py" --jars "$build/kafka" \
    --data "$out/demo-kafka-broker"; }
broker=$BROKER_PID
exec {commands}>&"${BROKER[1]}" {answers}<&"${BROKER[0]}"
setsid "$build/tests/sites/xunfang-sites" --cities 41 --documents "$documents" --seed 7 \
    --port 18080 --address 127.0.2 --log "$out/demo-kafka-sites.log" > "$out/demo-kafka-sites.txt" &
sites=$!

finish() {
    kill $sites 2>/dev/null || true
    kill "$broker" 2>/dev/null || true
    wait
}
trap finish EXIT

if ! read -r word address <&"$answers" || [ "$word" != ready ]; then
    echo "no broker: Java, Maven and a way to Maven's artifacts are needed once" >&2
    exit 77
fi
for _ in $(seq 100); do
    grep -q ready "$out/demo-kafka-sites.txt" && break
    kill -0 $sites 2>/dev/null || exit 1 # it has said why
    sleep 0.1
done

echo "one broker at $address"
status=0
"$build/bin/xunfang" run "$here/jobs/demo.yaml" --bus "kafka://$address" \
    --data "$out/demo-kafka-data" --out "$out/demo-kafka" || status=$?
[ $status -eq 0 ] || [ $status -eq 3 ] || exit $status
echo "open $out/demo-kafka/report.html"
exit $status
