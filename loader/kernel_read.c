/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters out of the maps, summed over CPUs. */
#include "kernel_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Every counter entry begins with these. */
struct counted {
	__u64 packets;
	__u64 bytes;
};
_Static_assert(offsetof(struct pim_reason_entry, bytes) == offsetof(struct counted, bytes), "ABI");
_Static_assert(offsetof(struct pim_rule_entry, bytes) == offsetof(struct counted, bytes), "ABI");
_Static_assert(offsetof(struct pim_partner_entry, bytes) == offsetof(struct counted, bytes), "ABI");

/* Adds `count` per-CPU entries to an array of them; the names are those of the
 * first CPU, as all have the same. */
static int add_counters(int map, uint32_t count, size_t entry_bytes, void *entries)
{
	int cpus = libbpf_num_possible_cpus();
	char *values = calloc(cpus, entry_bytes);
	int result = values ? 0 : -ENOMEM;

	for (uint32_t key = 0; !result && key < count; key++) {
		char *entry = (char *)entries + key * entry_bytes;
		struct counted sum;

		memcpy(&sum, entry, sizeof(sum));
		if (bpf_map_lookup_elem(map, &key, values)) {
			result = -errno;
			break;
		}
		for (int cpu = 0; cpu < cpus; cpu++) {
			struct counted *part = (struct counted *)(values + cpu * entry_bytes);

			sum.packets += part->packets;
			sum.bytes += part->bytes;
		}
		memcpy(entry, values, entry_bytes);
		memcpy(entry, &sum, sizeof(sum));
	}
	free(values);
	return result;
}

/* The counters of a map and of the one it replaces, if any, in a new array. */
static int read_grown(int map, int outgrown, size_t entry_bytes, void **entries, size_t *count)
{
	uint32_t size = 0, old_size = 0;
	int result = pim_map_entries(map, &size);

	if (!result && outgrown >= 0)
		result = pim_map_entries(outgrown, &old_size);
	if (result)
		return result;
	*entries = calloc(size, entry_bytes);
	if (!*entries)
		return -ENOMEM;
	*count = size;
	if (outgrown >= 0)
		result = add_counters(outgrown, old_size < size ? old_size : size, entry_bytes,
				      *entries);
	return result ? result : add_counters(map, size, entry_bytes, *entries);
}

static int read_flows(int map, uint8_t family, size_t key_bytes, struct pim_raw *raw)
{
	enum { BATCH = 4096 };
	char *keys = malloc(BATCH * key_bytes);
	struct pim_flow *values = malloc(BATCH * sizeof(*values));
	uint64_t position = 0; /* the kernel's, opaque */
	bool first = true;
	int result = keys && values ? 0 : -ENOMEM, code = 0;

	while (!result && code != ENOENT) {
		__u32 count = BATCH;
		struct pim_raw_flow *grown;

		code = bpf_map_lookup_batch(map, first ? NULL : &position, &position, keys, values,
					    &count, NULL) ? errno : 0;
		first = false;
		if (code && code != ENOENT) {
			result = -code;
			break;
		}
		grown = realloc(raw->flows, (raw->flow_count + count + 1) * sizeof(*raw->flows));
		if (!grown) {
			result = -ENOMEM;
			break;
		}
		raw->flows = grown;
		for (__u32 i = 0; i < count; i++) {
			struct pim_raw_flow *flow = &raw->flows[raw->flow_count++];

			memset(flow, 0, sizeof(*flow));
			flow->family = family;
			memcpy(&flow->key6, keys + i * key_bytes, key_bytes);
			flow->flow = values[i];
		}
	}
	free(keys);
	free(values);
	return result;
}

static int read_maps(int reasons, int rules, int outgrown_rules, int partners,
		     int outgrown_partners, struct pim_raw *raw)
{
	int result;

	*raw = (struct pim_raw){};
	result = add_counters(reasons, PIM_OUTCOMES, sizeof(*raw->reasons), raw->reasons);
	if (!result)
		result = read_grown(rules, outgrown_rules, sizeof(*raw->rules),
				    (void **)&raw->rules, &raw->rule_count);
	if (!result)
		result = read_grown(partners, outgrown_partners, sizeof(*raw->partners),
				    (void **)&raw->partners, &raw->partner_count);
	return result;
}

int pim_place_read(const struct pim_place *place, bool with_flows, struct pim_raw *raw,
		   struct pim_error *error)
{
	int result;

	result = read_maps(place->reasons, place->rules, place->outgrown_rules, place->partners,
			   place->outgrown_partners, raw);
	if (!result && with_flows)
		result = read_flows(place->flows, PIM_IPV4, sizeof(struct pim_flow4_key), raw);
	if (!result && with_flows)
		result = read_flows(place->flows6, PIM_IPV6, sizeof(struct pim_flow6_key), raw);
	if (result)
		pim_fail_kernel(error, -result, "cannot read the counters");
	return result;
}

int pim_filter_read(const struct pim_filter *filter, struct pim_raw *raw, struct pim_error *error)
{
	int result;

	result = read_maps(bpf_map__fd(filter->skeleton->maps.pim_reasons),
			   bpf_map__fd(filter->skeleton->maps.pim_rules), -1,
			   bpf_map__fd(filter->skeleton->maps.pim_partners), -1, raw);
	if (result)
		pim_fail_kernel(error, -result, "cannot read the counters");
	return result;
}

void pim_raw_free(struct pim_raw *raw)
{
	free(raw->rules);
	free(raw->partners);
	free(raw->flows);
	*raw = (struct pim_raw){};
}

int pim_place_names(const struct pim_place *place, struct pim_names *names,
		    struct pim_error *error)
{
	struct pim_raw raw;
	int result = pim_place_read(place, false, &raw, error);

	*names = (struct pim_names){};
	if (!result) {
		names->rules = calloc(raw.rule_count + 1, sizeof(*names->rules));
		names->partners = calloc(raw.partner_count + 1, sizeof(*names->partners));
		if (!names->rules || !names->partners)
			result = pim_fail(error, ENOMEM, "out of memory");
	}
	for (size_t i = 0; !result && i < raw.rule_count; i++) {
		memcpy(names->rules[i].rule, raw.rules[i].rule, sizeof(names->rules[i].rule));
		names->rules[i].leg = strcmp(raw.rules[i].leg, pim_leg_name(PIM_REPLY)) ?
					      PIM_FORWARD : PIM_REPLY;
	}
	for (size_t i = 0; !result && i < raw.partner_count; i++)
		memcpy(names->partners[i], raw.partners[i].partner, sizeof(names->partners[i]));
	if (!result) {
		names->rule_count = raw.rule_count;
		names->partner_count = raw.partner_count;
	} else {
		pim_names_free(names);
	}
	pim_raw_free(&raw);
	return result;
}
