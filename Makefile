# A thin front over the CMake presets: see README.md.
PRESET ?= release
BUILD := build/$(PRESET)

.PHONY: all deps build demo demo-kafka test asan deep cluster chaos bench clean

all: build

deps:
	@scripts/deps.sh

build: deps
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build --preset $(PRESET)

# 41 simulated city sites, the whole job, live progress; results in out/demo/.
demo: build
	@scripts/demo.sh $(BUILD)

# The same through a Kafka broker of its own; results in out/demo-kafka/.
demo-kafka: build
	@scripts/demo-kafka.sh $(BUILD)

# Everything CI runs: release tests, then the same units, contracts and simulations under sanitizers.
test: build
	@ctest --preset release -j 2
	@$(MAKE) --no-print-directory PRESET=asan build
	@ctest --preset asan -j 2 -L 'unit|contract|torture|sim|fuzz'

asan tsan debug coverage fuzz:
	@$(MAKE) --no-print-directory PRESET=$@ build

# Long runs by hand: other compilers, static analysis, fuzzers, many seeds.
deep: build
	@scripts/deep.sh

# Three brokers and three worker hosts in network namespaces; each worker host destroyed in turn.
cluster: build
	@python3 tests/cluster/cluster_test.py --build $(BUILD) --documents 2000

# SEED and ROUNDS choose which faults; a round takes half a minute.
SEED ?= 1
ROUNDS ?= 100
chaos: build
	@python3 tests/chaos/chaos.py --build $(BUILD) --out out/chaos --seed $(SEED) --rounds $(ROUNDS)

bench: build
	@cmake --build --preset release --target bench

clean:
	rm -rf build out
