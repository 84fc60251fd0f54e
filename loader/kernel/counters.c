/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reads the counters from the maps, summed over CPUs. */
#include "kernel/counters.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kernel/object.h"

/* Every counter entry begins with these. */
struct counted {
	__u64 packets;
	__u64 bytes;
};
_Static_assert(offsetof(struct pim_reason_entry, bytes) == offsetof(struct counted, bytes), "ABI");
_Static_assert(offsetof(struct pim_rule_entry, bytes) == offsetof(struct counted, bytes), "ABI");
_Static_assert(offsetof(struct pim_partner_entry, bytes) == offsetof(struct counted, bytes), "ABI");

/* Adds `count` per-CPU entries to an array. The names are taken from the first CPU;
 * they are the same on all CPUs. */
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

/* Reads the counters of a map, plus those of the map it replaces, into a new array. */
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

/* Converts ticks to CLOCK_MONOTONIC. The flow state has both for the last insert; the
 * length of a tick is the resolution of the coarse clock. */
static uint64_t ticks_to_ns(uint64_t ticks, const struct pim_flow_state *state)
{
	struct timespec tick = {};

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return state->ns + (int64_t)(ticks - state->ticks) * tick.tv_nsec;
}

static void add_flow(struct pim_raw *raw, uint8_t family, const char *at, size_t key_bytes)
{
	const size_t address_bytes = pim_family_bits(family) / 8;
	const struct pim_slot *slot = (const void *)(at + key_bytes);
	struct pim_raw_flow *flow = &raw->flows[raw->flow_count++];

	*flow = (struct pim_raw_flow){
		.family = family,
		.packets = slot->packets,
		.bytes = slot->bytes,
		.first_ns = ticks_to_ns(slot->first_ticks, &raw->flow_state),
		.last_ns = ticks_to_ns(slot->last_ticks, &raw->flow_state),
		.rule = slot->rule,
		.partner = slot->partner,
		.tcp_flags = slot->tcp_flags,
	};
	memcpy(flow->key.source, at, address_bytes);
	memcpy(flow->key.destination, at + address_bytes, address_bytes);
	memcpy(&flow->key.source_port_be, at + 2 * address_bytes, key_bytes - 2 * address_bytes);
}

/* Reads part of a table, from slot `first` on, into `slots`. Not by mmap(): a read-only
 * map file descriptor cannot be mapped. */
static int read_part(int map, uint32_t first, uint32_t *count, uint32_t *keys, char *slots)
{
	uint32_t before = first - 1, next;

	/* For an array, the batch starts after the key that it is given. */
	if (bpf_map_lookup_batch(map, first ? &before : NULL, &next, keys, slots, count, NULL) &&
	    errno != ENOENT)
		return -errno;
	return 0;
}

/* Rereads a slot that the program was writing, until two reads agree. */
static int look_again(int map, uint32_t key, char *slot, size_t slot_bytes)
{
	_Alignas(8) char before[sizeof(struct pim_slot6)]; /* the larger slot type */

	for (int look = 0; look < 4; look++) {
		memcpy(before, slot, slot_bytes);
		if (bpf_map_lookup_elem(map, &key, slot))
			return -errno;
		if (!memcmp(before, slot, slot_bytes))
			break;
	}
	return 0;
}

/* Reads the flows of one table while the program keeps updating it. */
static int read_slots(int map, uint8_t family, size_t slot_bytes, size_t key_bytes,
		      struct pim_raw *raw)
{
	enum { PART = 4096 };
	uint32_t count, *keys = calloc(PART, sizeof(*keys));
	char *slots = calloc(2 * PART, slot_bytes), *again = slots + PART * slot_bytes;
	int result = keys && slots ? pim_map_entries(map, &count) : -ENOMEM;

	for (uint32_t first = 0; !result && first < count; first += PART) {
		uint32_t size = count - first < PART ? count - first : PART, second = size;
		struct pim_raw_flow *grown;

		result = read_part(map, first, &size, keys, slots);
		if (!result)
			result = read_part(map, first, &second, keys, again);
		grown = realloc(raw->flows, (raw->flow_count + PART) * sizeof(*raw->flows));
		if (grown)
			raw->flows = grown;
		else
			result = -ENOMEM;
		for (uint32_t i = 0; !result && i < size && i < second; i++) {
			char *at = again + i * slot_bytes;

			if (memcmp(at, slots + i * slot_bytes, slot_bytes))
				result = look_again(map, first + i, at, slot_bytes);
			if (((const struct pim_slot *)(at + key_bytes))->packets)
				add_flow(raw, family, at, key_bytes);
		}
	}
	free(keys);
	free(slots);
	return result;
}

static int compare_flows(const void *a, const void *b)
{
	const struct pim_raw_flow *one = a, *other = b;

	if (one->family != other->family)
		return one->family - other->family;
	return memcmp(&one->key, &other->key, sizeof(one->key));
}

/* A flow that several CPUs saw has a slot on each of them. */
static void merge_flows(struct pim_raw *raw)
{
	size_t count = 0;

	if (raw->flow_count)
		qsort(raw->flows, raw->flow_count, sizeof(*raw->flows), compare_flows);
	for (size_t i = 0; i < raw->flow_count; i++) {
		struct pim_raw_flow *last = count ? &raw->flows[count - 1] : NULL;
		const struct pim_raw_flow *flow = &raw->flows[i];

		if (!last || compare_flows(last, flow)) {
			raw->flows[count++] = *flow;
			continue;
		}
		last->packets += flow->packets;
		last->bytes += flow->bytes;
		last->tcp_flags |= flow->tcp_flags;
		if (flow->first_ns < last->first_ns)
			last->first_ns = flow->first_ns;
		if (flow->last_ns > last->last_ns) { /* a reload may have changed the rest */
			last->last_ns = flow->last_ns;
			last->rule = flow->rule;
			last->partner = flow->partner;
		}
	}
	raw->flow_count = count;
}

static int read_flow_state(int map, struct pim_raw *raw)
{
	int cpus = libbpf_num_possible_cpus();
	struct pim_flow_state *states = calloc(cpus, sizeof(*states));
	const __u32 zero = 0;
	int result = states ? 0 : -ENOMEM;

	if (!result && bpf_map_lookup_elem(map, &zero, states))
		result = -errno;
	for (int cpu = 0; !result && cpu < cpus; cpu++) {
		raw->flow_state.inserts += states[cpu].inserts;
		raw->flow_state.evictions += states[cpu].evictions;
		raw->flow_state.evicted_packets += states[cpu].evicted_packets;
		raw->flow_state.evicted_bytes += states[cpu].evicted_bytes;
		if (raw->flow_state.ns < states[cpu].ns) {
			raw->flow_state.ticks = states[cpu].ticks;
			raw->flow_state.ns = states[cpu].ns;
		}
	}
	free(states);
	return result;
}

static int read_maps(const int maps[PIM_PINS], const int outgrown[PIM_PINS], bool with_flows,
		     struct pim_raw *raw)
{
	uint32_t slots4 = 0, slots6 = 0;
	int result;

	*raw = (struct pim_raw){};
	result = add_counters(maps[PIM_PIN_REASONS], PIM_OUTCOMES, sizeof(*raw->reasons),
			      raw->reasons);
	if (!result)
		result = read_grown(maps[PIM_PIN_RULES], outgrown[PIM_PIN_RULES],
				    sizeof(*raw->rules), (void **)&raw->rules, &raw->rule_count);
	if (!result)
		result = read_grown(maps[PIM_PIN_PARTNERS], outgrown[PIM_PIN_PARTNERS],
				    sizeof(*raw->partners), (void **)&raw->partners,
				    &raw->partner_count);
	if (!result)
		result = read_flow_state(maps[PIM_PIN_FLOW_STATE], raw);
	if (!result)
		result = pim_map_entries(maps[PIM_PIN_SLOTS4], &slots4);
	if (!result)
		result = pim_map_entries(maps[PIM_PIN_SLOTS6], &slots6);
	raw->flow_slots = slots4 + slots6;
	if (!result && with_flows)
		result = read_slots(maps[PIM_PIN_SLOTS4], PIM_IPV4, sizeof(struct pim_slot4),
				    sizeof(struct pim_flow4_key), raw);
	if (!result && with_flows)
		result = read_slots(maps[PIM_PIN_SLOTS6], PIM_IPV6, sizeof(struct pim_slot6),
				    sizeof(struct pim_flow6_key), raw);
	if (!result)
		merge_flows(raw);
	return result;
}

int pim_place_read(const struct pim_place *place, bool with_flows, struct pim_raw *raw,
		   struct pim_error *error)
{
	int result = read_maps(place->maps, place->outgrown, with_flows, raw);

	if (result)
		pim_fail_kernel(error, -result, "cannot read the counters");
	return result;
}

int pim_filter_read(const struct pim_filter *filter, bool with_flows, struct pim_raw *raw,
		    struct pim_error *error)
{
	int maps[PIM_PINS], outgrown[PIM_PINS], result;

	for (int pin = 0; pin < PIM_PINS; pin++) {
		maps[pin] = pim_filter_map(filter, pin);
		outgrown[pin] = -1;
	}
	result = read_maps(maps, outgrown, with_flows, raw);
	if (result)
		pim_fail_kernel(error, -result, "cannot read the counters");
	return result;
}

/* ---- the readable copies ---- */

int pim_place_copy_flows(const struct pim_place *place, const struct pim_flow_text_key *keys,
			 const struct pim_flow_text *flows, size_t count, uint64_t now_ns,
			 struct pim_error *error)
{
	int map = pim_pin_open(place->directory, "", pim_pin_kinds[PIM_PIN_FLOWS].name,
			       PIM_TO_CHANGE);
	int stamps = pim_pin_open(place->directory, "", pim_pin_kinds[PIM_PIN_STAMP].name,
				  PIM_TO_CHANGE);
	int result = map < 0 ? map : stamps < 0 ? stamps : 0;
	struct pim_stamp stamp;
	struct pim_flow_text_key key;
	const __u32 zero = 0;

	/* As it is now: after this place was opened, a loader may have changed the pins, even
	 * to those of another schema, whose maps hold more than is read and written here. */
	if (!result)
		result = pim_stamp_read(stamps, &stamp);
	while (!result && !bpf_map_get_next_key(map, NULL, &key))
		if (bpf_map_delete_elem(map, &key) && errno != ENOENT)
			result = -errno;
	for (size_t i = 0; !result && i < count && i < PIM_FLOWS_COPIED; i++)
		if (bpf_map_update_elem(map, &keys[i], &flows[i], BPF_ANY))
			result = -errno;
	stamp.flows_copied_ns = now_ns;
	if (!result && bpf_map_update_elem(stamps, &zero, &stamp, BPF_EXIST))
		result = -errno;
	if (map >= 0)
		close(map);
	if (stamps >= 0)
		close(stamps);
	if (result)
		pim_fail_kernel(error, -result, "cannot write the readable copies of the flows");
	return result;
}

/* ---- the address image ---- */

int pim_place_addresses(const struct pim_place *place, __u32 **words, size_t *word_count,
			struct pim_error *error)
{
	int map = place->maps[PIM_PIN_ADDRESSES];
	struct bpf_map_info info;
	const __u32 zero = 0;

	*words = NULL;
	if (pim_object_info(map, &info, sizeof(info)))
		return pim_fail_kernel(error, errno, "cannot describe the address image");
	*words = malloc(info.value_size);
	if (!*words)
		return pim_out_of_memory(error);
	if (bpf_map_lookup_elem(map, &zero, *words)) {
		int code = errno;

		free(*words);
		*words = NULL;
		return pim_fail_kernel(error, code, "cannot read the address image");
	}
	*word_count = info.value_size / sizeof(**words);
	return 0;
}

void pim_raw_free(struct pim_raw *raw)
{
	free(raw->rules);
	free(raw->partners);
	free(raw->flows);
	*raw = (struct pim_raw){};
}

int pim_place_names(const struct pim_place *place, struct pim_names *names, struct pim_error *error)
{
	struct pim_raw raw;
	int result = pim_place_read(place, false, &raw, error);

	*names = (struct pim_names){};
	if (!result) {
		names->rules = calloc(raw.rule_count + 1, sizeof(*names->rules));
		names->partners = calloc(raw.partner_count + 1, sizeof(*names->partners));
		if (!names->rules || !names->partners)
			result = pim_out_of_memory(error);
	}
	for (size_t i = 0; !result && i < raw.rule_count; i++) {
		memcpy(names->rules[i].rule, raw.rules[i].rule, sizeof(names->rules[i].rule));
		names->rules[i].leg =
			strcmp(raw.rules[i].leg, pim_leg_name(PIM_REPLY)) ? PIM_FORWARD : PIM_REPLY;
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
