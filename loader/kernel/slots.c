/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/slots.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/object.h"
#include "policy/prefix.h"

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
	char *slots = calloc(2 * PART, slot_bytes);
	int result = keys && slots ? pim_map_entries(map, &count) : -ENOMEM;

	for (uint32_t first = 0; !result && first < count; first += PART) {
		uint32_t size = count - first < PART ? count - first : PART, second = size;
		char *again = slots + PART * slot_bytes;
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

int pim_slots_read(const int maps[PIM_PINS], bool with_flows, struct pim_raw *raw)
{
	uint32_t slots4 = 0, slots6 = 0;
	int result = read_flow_state(maps[PIM_PIN_FLOW_STATE], raw);

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
