# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make            build/pimxdp
# make help       every target

# The version is in debian/changelog, nowhere else.
VERSION := $(shell sed -n '1s/^pimxdp (\([0-9][0-9.]*\)) .*/\1/p' debian/changelog)
$(if $(VERSION),,$(error debian/changelog: expected "pimxdp (VERSION) ..." in its first line))

BUILD   ?= build
CLANG   ?= clang
STRIP   ?= strip
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config

PACKAGES := libbpf libelf zlib libconfig jansson libevent libcap libnl-route-3.0 libnl-genl-3.0
override CPPFLAGS += -Iinclude -Iloader -I$(BUILD)/bpf -D_GNU_SOURCE -DPIM_VERSION='"$(VERSION)"'
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
# Keeps paths of this machine out of what is built.
PREFIX_MAP := '-ffile-prefix-map=$(CURDIR)=.'
override CFLAGS += -std=gnu11 $(WARNINGS) $(PREFIX_MAP) $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
override LDLIBS += $(shell $(PKG_CONFIG) --libs $(PACKAGES))
link_static = $(CC) $(CFLAGS) $(LDFLAGS) -static-pie -o $@ $^ \
	$(shell $(PKG_CONFIG) --static --libs $(PACKAGES))
ifeq ($(SAN),1)
override CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
override LDFLAGS += -fsanitize=address,undefined
link_static = $(error SAN=1 needs the shared libraries of the sanitizers: make $@ without it)
endif
# V=1 shows the commands.
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-8s %s\n') $(1) $(2)

BPF_CFLAGS := -g -O2 -mcpu=v3 --target=bpf -Wall -Wextra -Werror $(PREFIX_MAP) -Iinclude -Ivmlinux

BPF_NAMES   := $(patsubst bpf/%.bpf.c,%,$(wildcard bpf/*.bpf.c))
SKELETONS   := $(BPF_NAMES:%=$(BUILD)/bpf/%.skel.h)
LIB_OBJECTS := $(patsubst loader/%.c,$(BUILD)/loader/%.o,$(wildcard loader/*/*.c))
UNIT_TESTS  := $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/*/test_*.c))
BPF_TESTS   := $(patsubst tests/bpf/%.c,$(BUILD)/tests/bpf/%,$(wildcard tests/bpf/test_*.c))
BPF_HELPERS := $(patsubst tests/bpf/%.c,$(BUILD)/tests/bpf/%.o,$(filter-out tests/bpf/test_%,$(wildcard tests/bpf/*.c)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help static check-unit check-bpf check-kernels tests fuzz clean print-version

all: $(BUILD)/pimxdp ## the binary (default)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16
	@printf '\nVariables: BUILD=build PREFIX=/usr/local UNITDIR= DESTDIR= SAN=1 (ASan, UBSan)\n'

$(BUILD)/pimxdp: $(BUILD)/loader/main.o $(BUILD)/libpimxdp.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Needs neither shared libraries nor a dynamic linker, so it can be the only file of a
# container. It is position-independent nevertheless.
static: $(BUILD)/static/pimxdp $(BUILD)/static/pimxdp.stripped ## build/static/pimxdp, which needs no library

$(BUILD)/static/pimxdp: $(BUILD)/loader/main.o $(BUILD)/libpimxdp.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(link_static)

%.stripped: %
	$(call say,STRIP,$@)
	$(Q)$(STRIP) -o $@ $<

$(BUILD)/libpimxdp.a: $(LIB_OBJECTS) $(BUILD)/flags
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJECTS)

# The flags are a prerequisite: a change of them, of the version, of SAN or of the list of
# sources rebuilds everything.
FLAGS = $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(CLANG) $(BPF_CFLAGS) $(LIB_OBJECTS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(FLAGS)' | cmp -s - $@ || printf '%s\n' '$(FLAGS)' > $@
FORCE:

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CLANG,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(BUILD)/bpf/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(BUILD)/loader/%.o: loader/%.c $(BUILD)/flags | $(SKELETONS)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# The compiler lists the skeletons as dependencies only after the first build.
$(patsubst loader/%.c,$(BUILD)/loader/%.o,$(wildcard loader/kernel/*.c)): $(SKELETONS)

$(BUILD)/tests/%.o: tests/%.c $(BUILD)/flags | $(SKELETONS)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) -MMD -MP -c $< -o $@

$(UNIT_TESTS): %: %.o $(BUILD)/libpimxdp.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

$(BUILD)/tests/bpf/test_%: $(BUILD)/tests/bpf/test_%.o $(BPF_HELPERS) $(BUILD)/libpimxdp.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

# Runs in an initramfs.
$(BUILD)/tests/kernels/wire: $(BUILD)/tests/kernels/wire.o $(BUILD)/libpimxdp.a
	$(call say,LINK,$@)
	$(Q)$(link_static)

tests: $(UNIT_TESTS) $(BPF_TESTS) ## the test programs (tools/test runs them)

check-unit: ## unit tests under ASan and UBSan
	@$(MAKE) --no-print-directory SAN=1 BUILD=$(BUILD)/san unit-programs
	@tests/run-cmocka $(patsubst $(BUILD)/%,$(BUILD)/san/%,$(UNIT_TESTS))

.PHONY: unit-programs
unit-programs: $(UNIT_TESTS)

check-bpf: $(BPF_TESTS) ## verdict tables through the real program (needs root)
	@tests/run-cmocka $(BPF_TESTS)

KERNEL_TESTS := $(BUILD)/pimxdp $(BUILD)/static/pimxdp.stripped $(BUILD)/tests/kernels/wire $(BPF_TESTS)
check-kernels: $(KERNEL_TESTS) ## verdicts and a filter at work on Debian's kernels, in qemu
	@tests/kernels/run $(BUILD) $(BPF_TESTS)

# The source says how to build it with other compilers and fuzzers.
fuzz: ## the capture reader's fuzzer, with clang's libFuzzer
	@mkdir -p $(BUILD)/fuzz
	$(CLANG) -g -O1 -fsanitize=fuzzer,address,undefined -DPIM_LIBFUZZER $(CPPFLAGS) \
		tests/fuzz/fuzz_capture.c loader/capture/*.c loader/base/error.c -o $(BUILD)/fuzz/capture

# Versions of clang-format differ: the one of Debian 12.
CLANG_FORMAT ?= clang-format-14
FORMATTED = $(shell find loader bpf include bench tests -name '*.[ch]' | LC_ALL=C sort)
.PHONY: format check-format
format: ## lay out every C file as .clang-format says
	$(Q)$(CLANG_FORMAT) -i $(FORMATTED)

check-format: ## say where a C file is not laid out so
	$(Q)$(CLANG_FORMAT) --dry-run --Werror $(FORMATTED)

clean: ## everything that make made
	rm -rf $(BUILD)

print-version:
	@echo $(VERSION)

include deploy/deploy.mk
-include bench/bench.mk
-include bench/candidates/candidates.mk
-include $(wildcard $(BUILD)/bpf/*.d $(BUILD)/loader/*.d $(BUILD)/loader/*/*.d $(BUILD)/tests/*/*.d $(BUILD)/tests/unit/*/*.d)
