/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The readable copies of the flows, in pins that a loader may have changed meanwhile. */
#include "harness.h"
#include "kernel/copies.h"
#include "kernel/counters.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECTORY "/sys/fs/bpf/pim-test-copies"
enum { LARGER = 4096 }; /* bytes: the stamp of a schema to come */

static const struct pim_flow_text_key keys[] = { { .protocol = "tcp", .source = "203.0.113.5" },
						 { .protocol = "udp", .source = "192.0.2.5" } };
static const struct pim_flow_text flows[COUNT(keys)] = { { .packets = 3 }, { .packets = 5 } };
static struct pim_place place = { .interface = "eth1", .directory = DIRECTORY, .folder = -1 };
static const __u32 zero;

static int pin_map(enum bpf_map_type type, const char *name, size_t key_bytes, size_t value_bytes,
		   unsigned int entries)
{
	LIBBPF_OPTS(bpf_map_create_opts, options,
		    .map_flags = type == BPF_MAP_TYPE_HASH ? BPF_F_NO_PREALLOC : 0);
	int map = bpf_map_create(type, name, key_bytes, value_bytes, entries, &options);
	char path[128];

	assert_true(map >= 0);
	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	assert_int_equal(bpf_obj_pin(map, path), 0);
	return map;
}

/* The two maps as they are pinned, with one copy from earlier and a stamp. */
static void pin_maps(int *copies, int *stamps, size_t stamp_bytes, uint32_t schema)
{
	const struct pim_flow_text_key earlier = { .protocol = "tcp", .source = "192.0.2.99" };
	union {
		struct pim_stamp stamp;
		char bytes[LARGER];
	} value = { .stamp = { .magic = PIM_MAGIC, .schema = schema, .generation = 7 } };

	assert_int_equal(mkdir(DIRECTORY, 0700), 0);
	place.folder = open(DIRECTORY, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(place.folder >= 0);
	*copies = pin_map(BPF_MAP_TYPE_HASH, "pim_flows", sizeof(*keys), sizeof(*flows),
			  PIM_FLOWS_COPIED);
	*stamps = pin_map(BPF_MAP_TYPE_ARRAY, "pim_info", sizeof(zero), stamp_bytes, 1);
	assert_int_equal(bpf_map_update_elem(*copies, &earlier, &flows[0], BPF_ANY), 0);
	memset(value.bytes + sizeof(value.stamp), 0x5a, LARGER - sizeof(value.stamp));
	assert_int_equal(bpf_map_update_elem(*stamps, &zero, &value, BPF_ANY), 0);
}

static int remove_pins(void **state)
{
	(void)state;
	unlink(DIRECTORY "/pim_flows");
	unlink(DIRECTORY "/pim_info");
	rmdir(DIRECTORY);
	close(place.folder);
	return 0;
}

static unsigned int count_copies(int copies)
{
	struct pim_flow_text_key key;
	unsigned int count = 0;

	for (int result = bpf_map_get_next_key(copies, NULL, &key); !result; count++)
		result = bpf_map_get_next_key(copies, &key, &key);
	return count;
}

static void replaces_copies_and_dates_them(void **state)
{
	struct pim_error error = {};
	struct pim_stamp stamp;
	struct pim_flow_text copy;
	int copies, stamps;

	(void)state;
	pin_maps(&copies, &stamps, sizeof(stamp), PIM_SCHEMA);
	assert_int_equal(pim_place_copy_flows(&place, keys, flows, COUNT(keys), 42, &error), 0);
	assert_int_equal(count_copies(copies), COUNT(keys));
	assert_int_equal(bpf_map_lookup_elem(copies, &keys[1], &copy), 0);
	assert_int_equal(copy.packets, 5);
	assert_int_equal(bpf_map_lookup_elem(stamps, &zero, &stamp), 0);
	assert_int_equal(stamp.flows_copied_ns, 42);
	assert_int_equal(stamp.generation, 7); /* what is pinned now, not what `place` has */
	close(copies);
	close(stamps);
}

static void leaves_pins_of_another_schema_alone(void **state)
{
	static const struct {
		size_t stamp_bytes;
		uint32_t schema;
	} cases[] = { { LARGER, PIM_SCHEMA + 1 },
		      { LARGER, PIM_SCHEMA },
		      { sizeof(struct pim_stamp), PIM_SCHEMA + 1 } };

	for (size_t at = 0; at < COUNT(cases); at++) {
		char before[LARGER] = {}, after[LARGER] = {};
		struct pim_error error = {};
		int copies, stamps;

		pin_maps(&copies, &stamps, cases[at].stamp_bytes, cases[at].schema);
		assert_int_equal(bpf_map_lookup_elem(stamps, &zero, before), 0);
		assert_int_equal(pim_place_copy_flows(&place, keys, flows, COUNT(keys), 42, &error),
				 -EPROTO);
		assert_non_null(strstr(error.text, "cannot write the readable copies"));
		assert_int_equal(bpf_map_lookup_elem(stamps, &zero, after), 0);
		assert_memory_equal(before, after, sizeof(before));
		assert_int_equal(count_copies(copies), 1);
		close(copies);
		close(stamps);
		remove_pins(state);
	}
}

/* The interface was detached and attached again: these flows are of another filter. */
static void leaves_another_attachment_alone(void **state)
{
	struct pim_place before = place;
	struct pim_error error = {};
	int copies, stamps;

	(void)state;
	pin_maps(&copies, &stamps, sizeof(struct pim_stamp), PIM_SCHEMA);
	before.stamp.attached_ns = 1;
	assert_int_equal(pim_place_copy_flows(&before, keys, flows, COUNT(keys), 42, &error),
			 -ESTALE);
	assert_int_equal(count_copies(copies), 1);
	close(copies);
	close(stamps);
}

/* A full map, a third of whose flows end: the others are never missing. */
static void keeps_what_stays(void **state)
{
	static struct pim_flow_text_key many[PIM_FLOWS_COPIED];
	static struct pim_flow_text values[PIM_FLOWS_COPIED];
	const size_t fresh = PIM_FLOWS_COPIED / 3;
	struct pim_flow_text_key old = { .protocol = "tcp", .source_port = 1 };
	struct pim_error error = {};
	struct pim_flow_text copy;
	int copies, stamps;

	(void)state;
	pin_maps(&copies, &stamps, sizeof(struct pim_stamp), PIM_SCHEMA);
	for (size_t round = 0; round < 2; round++) {
		for (size_t i = 0; i < PIM_FLOWS_COPIED; i++) {
			many[i] = (struct pim_flow_text_key){ .protocol = "tcp",
							      .source_port = round && i < fresh ?
										     100000 + i :
										     i };
			values[i].packets = 1 + round;
		}
		assert_int_equal(
			pim_place_copy_flows(&place, many, values, PIM_FLOWS_COPIED, 42, &error),
			0);
		assert_int_equal(count_copies(copies), PIM_FLOWS_COPIED);
	}
	for (size_t i = 0; i < PIM_FLOWS_COPIED; i++) {
		assert_int_equal(bpf_map_lookup_elem(copies, &many[i], &copy), 0);
		assert_int_equal(copy.packets, 2);
	}
	assert_int_equal(bpf_map_lookup_elem(copies, &old, &copy), -ENOENT);
	close(copies);
	close(stamps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(replaces_copies_and_dates_them, remove_pins),
		cmocka_unit_test_teardown(leaves_pins_of_another_schema_alone, remove_pins),
		cmocka_unit_test_teardown(leaves_another_attachment_alone, remove_pins),
		cmocka_unit_test_teardown(keeps_what_stays, remove_pins),
	};

	return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
