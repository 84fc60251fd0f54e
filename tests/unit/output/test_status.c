/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is attached, as JSON and for people. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/hook_xdp.h"
#include "kernel/pins.h"
#include "kernel/place.h"
#include "output/status.h"
#include "report/status.h"
#include "unit/output/printed.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct pim_place attached_place(void)
{
	return (struct pim_place){
		.interface = "eth1",
		.directory = "/sys/fs/bpf/pimxdp/eth1",
		.state = PIM_PLACE_ATTACHED,
		.group = PIM_NO_GROUP,
		.ifindex = 3,
		.program_id = 41,
		.link_id = 42,
		.mode = PIM_ATTACH_NATIVE,
		.stamp = { .magic = PIM_MAGIC,
			   .schema = PIM_SCHEMA,
			   .generation = 7,
			   .attached_ns = 1795378501000000000,
			   .loaded_ns = 1795378562000000000,
			   .policy_hash = 0x0123456789abcdef,
			   .interface = "eth1",
			   .version = "9.8.7",
			   .config = "/etc/pimxdp/partners.conf" },
	};
}

/* Through the report, as the verb does. */
static void status_text(FILE *stream, const struct pim_place *place)
{
	struct pim_status_report report;

	pim_status_report(place, &report);
	pim_output_status_text(stream, &report);
}

static void status_json(FILE *stream, const struct pim_place *places, size_t count)
{
	struct pim_status_report reports[16];

	assert_true(count <= COUNT(reports));
	for (size_t at = 0; at < count; at++)
		pim_status_report(&places[at], &reports[at]);
	pim_output_status_json(stream, false, reports, count);
}

static void prints_status(void **state)
{
	static const enum pim_place_state without[] = { PIM_PLACE_EMPTY, PIM_PLACE_UNFINISHED,
							PIM_PLACE_FOREIGN };
	struct pim_place places[2 + COUNT(without)];
	FILE *stream = open_text();
	json_t *list, *one;

	(void)state;
	places[0] = places[1] = attached_place();
	places[1].state = PIM_PLACE_GONE;
	for (size_t at = 0; at < COUNT(without); at++) {
		places[2 + at] = attached_place();
		places[2 + at].state = without[at];
	}
	status_json(stream, places, COUNT(places));
	close_text(stream);
	list = only_json();
	assert_true(json_is_array(list));
	assert_int_equal(json_array_size(list), COUNT(places));
	one = json_array_get(list, 0);
	assert_string_equal(string_of(one, "interface"), "eth1");
	assert_string_equal(string_of(one, "state"), "attached");
	assert_string_equal(string_of(one, "pins"), "/sys/fs/bpf/pimxdp/eth1");
	assert_string_equal(string_of(one, "attach_mode"), "native");
	assert_string_equal(string_of(one, "mode"), "enforce");
	assert_string_equal(string_of(one, "replies"), "stateless");
	assert_int_equal(number_of(one, "program_id"), 41);
	assert_int_equal(number_of(one, "link_id"), 42);
	assert_int_equal(number_of(one, "generation"), 7);
	assert_int_equal(number_of(one, "schema"), PIM_SCHEMA);
	assert_string_equal(string_of(one, "config"), "/etc/pimxdp/partners.conf");
	assert_string_equal(string_of(one, "policy_hash"), "0123456789abcdef");
	assert_string_equal(string_of(one, "version"), "9.8.7");
	assert_string_equal(string_of(one, "attached"), "2026-11-22T20:15:01Z");
	assert_string_equal(string_of(one, "loaded"), "2026-11-22T20:16:02Z");
	for (size_t at = 0; at < COUNT(places); at++) /* every state has its own word */
		for (size_t other = 0; other < at; other++)
			assert_string_not_equal(string_of(json_array_get(list, at), "state"),
						string_of(json_array_get(list, other), "state"));
	/* Unknown fields are left out. */
	assert_int_equal(json_object_size(json_array_get(list, 2)), 3);
	json_decref(list);
	free(text);

	stream = open_text();
	status_json(stream, NULL, 0);
	assert_text(stream, "[]\n");
}

static void shows_status_to_people(void **state)
{
	struct pim_place place = attached_place();
	FILE *stream = open_text();

	(void)state;
	status_text(stream, &place);
	close_text(stream);
	assert_neat();
	assert_has("eth1");
	assert_has("native");
	assert_has("enforce");
	assert_has("stateless");
	assert_has("/etc/pimxdp/partners.conf");
	assert_has("2026-11-22T20:15:01Z");
	assert_has("2026-11-22T20:16:02Z, generation 7");
	assert_has("0123456789abcdef");
	assert_has("/sys/fs/bpf/pimxdp/eth1");
	assert_has_not("everything passes");
	free(text);

	place.stamp.options.mode = PIM_MODE_OBSERVE;
	place.stamp.config[0] = '\0';
	stream = open_text();
	status_text(stream, &place);
	close_text(stream);
	assert_neat();
	assert_has("observe");
	assert_has("everything passes");
	free(text);
}

/* Every state other than attached: one line that says what to do. */
static void shows_other_states_in_a_line(void **state)
{
	static const enum pim_place_state states[] = { PIM_PLACE_EMPTY, PIM_PLACE_GONE,
						       PIM_PLACE_UNFINISHED, PIM_PLACE_FOREIGN };

	(void)state;
	for (size_t at = 0; at < COUNT(states); at++) {
		struct pim_place place = attached_place();
		FILE *stream = open_text();

		place.state = states[at];
		place.foreign_schema = PIM_SCHEMA + 1;
		status_text(stream, &place);
		close_text(stream);
		assert_neat();
		assert_has("eth1");
		assert_ptr_equal(strchr(text, '\n'), text + text_size - 1);
		free(text);
	}
}

/* The name of a file may hold any byte, JSON may not; the rest of the output must still be
 * there. */
static void prints_files_that_are_no_utf8(void **state)
{
	struct pim_place place = attached_place();
	FILE *stream = open_text();
	json_t *value;

	(void)state;
	strcpy(place.stamp.config, "/etc/caf\xe9.conf");
	status_json(stream, &place, 1);
	close_text(stream);
	value = only_json();
	assert_int_equal(number_of(json_array_get(value, 0), "link_id"), 42);
	assert_true(strstr(string_of(json_array_get(value, 0), "config"), "/etc/caf") != NULL);
	json_decref(value);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_status),
		cmocka_unit_test(shows_status_to_people),
		cmocka_unit_test(shows_other_states_in_a_line),
		cmocka_unit_test(prints_files_that_are_no_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
