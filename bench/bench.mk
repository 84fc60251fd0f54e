# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The benchmark's program, which tools/bench and tests/net/swap.sh run.

BENCH_BPF       := $(patsubst bench/%.bpf.c,%,$(wildcard bench/*.bpf.c))
BENCH_SKELETONS := $(BENCH_BPF:%=$(BUILD)/bench/%.skel.h)
BENCH_OBJECTS   := $(patsubst bench/%.c,$(BUILD)/bench/%.o,$(filter-out %.bpf.c,$(wildcard bench/*.c)))

.PHONY: bench
bench: $(BUILD)/bench/pimbench ## the benchmark's program (tools/bench runs it)

$(BUILD)/bench/%.bpf.o: bench/%.bpf.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CLANG,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(BUILD)/bench/%.skel.h: $(BUILD)/bench/%.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(BUILD)/bench/%.o: bench/%.c $(BUILD)/flags | $(SKELETONS) $(BENCH_SKELETONS)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) -I$(BUILD)/bench $(CFLAGS) -MMD -MP -c $< -o $@

# The compiler names a skeleton as a dependency only after it was built once.
$(BENCH_OBJECTS): $(BENCH_SKELETONS)

$(BUILD)/bench/pimbench: $(BENCH_OBJECTS) $(BUILD)/libpimxdp.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

-include $(wildcard $(BUILD)/bench/*.d)
