# A thin front over the CMake presets: see README.md.
PRESET ?= release
BUILD := build/$(PRESET)

.PHONY: all deps build demo test asan deep bench clean

all: build

deps:
	@scripts/deps.sh

build: deps
	@cmake --preset $(PRESET) >/dev/null
	@cmake --build --preset $(PRESET)

# 41 simulated city sites, the whole job, live progress; results in out/demo/.
demo: build
	@scripts/demo.sh $(BUILD)

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

bench: build
	@cmake --build --preset release --target bench

clean:
	rm -rf build out
