# What there is to make. Everything installs what it needs (Debian; Swift 6.2 or newer must be there) and says what it does.
#
#   make demo      a build goes on the air against a local stand-in of the service     BUILD=/path/some.zip for one of yours
#   make test      the whole suite
#   make test-long the long versions of some of its tests, with their figures
#   make fuzz      looks for inputs that break a parser or the C functions               SECONDS=10 for each target
#   make lib       build/libslipway.so.0
#   make install   library, header, pkg-config and CMake files                          PREFIX=/usr/local DESTDIR=
#   make bench     speed and memory against named peers; make bench-storage does it for uploads to storage
#   make format    formats the Swift sources; make lint only looks
#   make clean

SHELL := /bin/bash
PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?=
VERSION := $(shell sed -n 's/^.define SLIPWAY_VERSION_STRING "\(.*\)"/\1/p' include/slipway.h)

SWIFT_BUILD := swift build
# Sanitizers want lld; one folder of objects for each kind.
ASAN := $(SWIFT_BUILD) --scratch-path .build-asan --sanitize=address -Xswiftc -use-ld=lld
TSAN := $(SWIFT_BUILD) --scratch-path .build-tsan --sanitize=thread -Xswiftc -use-ld=lld

LIBRARY_PACKAGES := gcc g++ pkg-config libcurl4-openssl-dev libjansson-dev libssl-dev libexpat1-dev zlib1g-dev
EMULATOR_PACKAGES := libmicrohttpd-dev
TEST_PACKAGES := python3 python3-venv openssl libjemalloc2 binutils locales valgrind
BENCH_PACKAGES := nginx-light curl python3 python3-venv
BENCH_STORAGE_PACKAGES := curl openssl python3 python3-venv

.PHONY: help lib emulator demo test test-long fuzz fuzz-coverage bench format lint install clean asan asan-tests signing-probe tsan library-packages test-environment bench-environment \
        bench-storage bench-storage-environment
help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

library-packages:
	@command -v swift >/dev/null || { echo "Slipway is built with Swift 6.2 or newer: see https://swift.org/install" >&2; exit 1; }
	@.ci/install-packages $(LIBRARY_PACKAGES)

lib: library-packages
	@echo "building the library"
	@$(SWIFT_BUILD) -c release --product slipway
	@mkdir -p build
	@strip --strip-unneeded -o build/libslipway.so.0.new "$$($(SWIFT_BUILD) -c release --show-bin-path)/libslipway.so"
	@mv build/libslipway.so.0.new build/libslipway.so.0
	@ln -sf libslipway.so.0 build/libslipway.so

emulator: library-packages
	@.ci/install-packages $(EMULATOR_PACKAGES)
	@echo "building the emulator"
	@$(SWIFT_BUILD) -c release --product slipway-emulator
	@mkdir -p build
	@cp "$$($(SWIFT_BUILD) -c release --show-bin-path)/slipway-emulator" build/slipway-emulator.new
	@mv build/slipway-emulator.new build/slipway-emulator

demo: lib emulator
	@.ci/install-packages python3
	@$(CC) -std=c11 -Wall -Wextra -Iinclude bindings/c/examples/release.c -Lbuild -lslipway -Wl,-rpath,'$$ORIGIN' -o build/release
	@python3 .ci/demo.py $(if $(BUILD),--build "$(BUILD)")

asan: library-packages
	@echo "building with AddressSanitizer"
	@$(ASAN) --product slipway
	@mkdir -p build/asan
	@ln -sf "$$($(ASAN) --show-bin-path)/libslipway.so" build/asan/libslipway.so

asan-tests: asan
	@$(ASAN) --product slipwayPackageTests

signing-probe: library-packages
	@$(SWIFT_BUILD) -c release --product SigningProbe
	@mkdir -p build
	@ln -sf "$$($(SWIFT_BUILD) -c release --show-bin-path)/SigningProbe" build/signing-probe

tsan: library-packages
	@echo "building with ThreadSanitizer"
	@$(TSAN) --product slipway
	@mkdir -p build/tsan
	@ln -sf "$$($(TSAN) --show-bin-path)/libslipway.so" build/tsan/libslipway.so

test-environment:
	@.ci/install-packages $(TEST_PACKAGES) $(EMULATOR_PACKAGES)
	@.ci/virtual-environment .build-venv Tests/requirements.txt

# The sanitizers' builds run beside the tests that do not need them.
test: test-environment lib emulator signing-probe
	@.build-venv/bin/python .ci/test.py

# The long versions of tests that `make test` runs a short one of. They print what they measured.
TEST_LONG := SLIPWAY_TEST_LONG=1 .build-venv/bin/python -m pytest -q -s -p no:cacheprovider --timeout 1200
test-long: test-environment lib emulator asan tsan
	@$(TEST_LONG) Tests/ABI/test_soak.py Tests/ABI/test_ends.py Tests/ABI/test_forks.py Tests/ABI/test_scarcity.py Tests/ABI/test_cpp.py
	@$(TEST_LONG) Tests/Integration/test_fault_matrix.py Tests/Integration/test_python_processes.py Tests/Integration/test_storage_killed.py \
		Tests/Integration/test_storage_faults*.py Tests/Integration/test_release_storage*.py

SECONDS ?= 10
fuzz: library-packages
	@.ci/install-packages python3
	@python3 -B Tests/Fuzz/fuzz.py --seconds $(SECONDS)

fuzz-coverage: library-packages
	@.ci/install-packages python3
	@python3 -B Tests/Fuzz/fuzz.py --coverage

bench-environment:
	@.ci/install-packages $(BENCH_PACKAGES)
	@.ci/virtual-environment .build-venv-bench Tests/Benchmarks/requirements.txt

bench: lib bench-environment
	@.build-venv-bench/bin/python Tests/Benchmarks/run.py

bench-storage-environment:
	@.ci/install-packages $(BENCH_STORAGE_PACKAGES)
	@.ci/virtual-environment .build-venv-storage Tests/Benchmarks/requirements-storage.txt

bench-storage: lib bench-storage-environment
	@.build-venv-storage/bin/python Tests/Benchmarks/storage.py

format:
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

lint:
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests

install: lib
	install -d "$(DESTDIR)$(PREFIX)/lib/pkgconfig" "$(DESTDIR)$(PREFIX)/lib/cmake/slipway" "$(DESTDIR)$(PREFIX)/include/slipway"
	install -m 755 build/libslipway.so.0 "$(DESTDIR)$(PREFIX)/lib/libslipway.so.0"
	ln -sf libslipway.so.0 "$(DESTDIR)$(PREFIX)/lib/libslipway.so"
	install -m 644 include/slipway.h bindings/cpp/slipway.hpp "$(DESTDIR)$(PREFIX)/include/"
	install -m 644 bindings/cpp/slipway/*.hpp "$(DESTDIR)$(PREFIX)/include/slipway/"
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' bindings/c/slipway.pc.in > "$(DESTDIR)$(PREFIX)/lib/pkgconfig/slipway.pc"
	sed -e 's|@VERSION@|$(VERSION)|' bindings/c/slipway-config.cmake.in > "$(DESTDIR)$(PREFIX)/lib/cmake/slipway/slipway-config.cmake"
	sed -e 's|@VERSION@|$(VERSION)|' bindings/c/slipway-config-version.cmake.in > "$(DESTDIR)$(PREFIX)/lib/cmake/slipway/slipway-config-version.cmake"

clean:
	rm -rf build .build .build-asan .build-tsan .build-fuzz .build-fuzz-coverage .build-venv .build-venv-bench .build-venv-storage
