# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# make candidates   lookups of the candidates for the address engine, timed (needs root)

CANDIDATES := $(BUILD)/bench/candidates

.PHONY: candidates
candidates: $(CANDIDATES)/candidates ## candidates for the address engine, timed (needs root)
	$<

$(CANDIDATES)/candidates.bpf.o: bench/candidates/candidates.bpf.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CLANG,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Ibpf -MMD -MP -MF $(@:.o=.d) -c $< -o $@

$(CANDIDATES)/candidates.skel.h: $(CANDIDATES)/candidates.bpf.o
	$(call say,SKELETON,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name candidates_bpf > $@

$(CANDIDATES)/candidates: bench/candidates/candidates.c $(CANDIDATES)/candidates.skel.h $(BUILD)/libpimxdp.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CPPFLAGS) -I$(@D) $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -o $@ $< $(BUILD)/libpimxdp.a $(LDLIBS)

-include $(wildcard $(CANDIDATES)/*.d)
