/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verb check, and what other verbs say about a configuration with an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "unit/cli/line.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void checks_configurations(void **state)
{
	static const char *const lines[] = { "check --config edge.conf", "check -c edge.conf",
					     "check --config=edge.conf", "check edge.conf" };

	(void)state;
	write_text("edge.conf", complete);
	for (size_t at = 0; at < COUNT(lines); at++) {
		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		assert_has(output, "edge.conf: correct\n");
		assert_has(output, "sip-mtls-in");
	}
}

static void says_where_a_configuration_is_wrong(void **state)
{
	static const char *const commands[] = { "check", "lookup 192.0.2.1", "attach eth1",
						"reload eth1", "replay x.pcap" };

	(void)state;
	write_text("wrong.conf", "edge = {\n  access = [ \"198.51.100.10/24\" ]\n}\n");
	for (size_t at = 0; at < COUNT(commands); at++) {
		char line[64];

		snprintf(line, sizeof(line), "%s --config wrong.conf", commands[at]);
		assert_usage(line, "wrong.conf:2: ");
		assert_has(errors, "198.51.100.0/24"); /* the network meant */
		assert_ptr_equal(strchr(errors, '\n') + 1, errors + strlen(errors)); /* one line */
		snprintf(line, sizeof(line), "%s --config missing.conf", commands[at]);
		assert_usage(line, "missing.conf: ");
	}
}

static void prints_warnings_beside_the_result(void **state)
{
	(void)state;
	write_text("edge.conf", "edge = { access = [ \"198.51.100.10\" ] }\n"
				"partners = ( { name = \"contoso\" } )\n");
	assert_int_equal(run("check --config edge.conf"), PIM_EXIT_DONE);
	assert_has(errors, "pimxdp: warning: edge.conf:2: ");
	assert_has(output, "contoso");
	assert_null(strstr(output, "warning"));
}

/* --print prints a configuration with the same meaning. */
static void prints_configurations_back(void **state)
{
	char printed[sizeof(output)];

	(void)state;
	write_text("edge.conf", complete);
	assert_int_equal(run("check --config edge.conf --print"), PIM_EXIT_DONE);
	assert_string_equal(errors, "");
	strcpy(printed, output);
	write_text("printed.conf", printed);
	assert_int_equal(run("check --print --config printed.conf"), PIM_EXIT_DONE);
	assert_string_equal(output, printed);
	assert_has(printed, "fragments"); /* a default, written out */
	assert_has(printed, "198.51.100.10");
}

static json_t *parsed(void)
{
	json_error_t fault;
	json_t *value = json_loads(output, 0, &fault);

	if (!value)
		fail_msg("%s: %s", fault.text, output);
	return value;
}

static const char *text_of(const json_t *value, const char *name)
{
	return json_string_value(json_object_get(value, name));
}

static json_int_t number_of(const json_t *value, const char *name)
{
	return json_integer_value(json_object_get(value, name));
}

/* The hash is of all that decides, so it is the same in both outputs, and another for another
 * policy; a comment does not change it. */
static void shows_the_hash(void **state)
{
	char first[32], commented[4096];
	const char *hash;
	json_t *value;

	(void)state;
	write_text("edge.conf", complete);
	assert_int_equal(run("check edge.conf"), PIM_EXIT_DONE);
	hash = strstr(output, "\n  hash: ");
	assert_non_null(hash);
	assert_int_equal(sscanf(hash, "\n  hash: %16[0-9a-f]\n", first), 1);
	assert_int_equal(strlen(first), 16);
	snprintf(commented, sizeof(commented), "# a comment\n%s", complete);
	write_text("edge.conf", commented);
	assert_int_equal(run("check edge.conf --json"), PIM_EXIT_DONE);
	value = parsed();
	assert_string_equal(text_of(value, "policy_hash"), first);
	json_decref(value);
	assert_int_equal(run("check edge.conf --json --observe"), PIM_EXIT_DONE);
	value = parsed();
	assert_string_not_equal(text_of(value, "policy_hash"), first);
	assert_string_equal(
		text_of(json_object_get(json_object_get(value, "policy"), "options"), "mode"),
		"observe");
	json_decref(value);
}

static void checks_in_json(void **state)
{
	json_t *value, *warning, *policy, *partner;

	(void)state;
	write_text("edge.conf",
		   "edge = { access = [ \"198.51.100.10\" ] }\n"
		   "partners = ( { name = \"contoso\", addresses = [ \"203.0.113.0/24\",\n"
		   "  \"2001:db8::/32\" ] } )\n"
		   "clients = { addresses = [ \"192.0.2.1\", \"::/0\" ] }\n"
		   "messenger = { addresses = [ \"192.0.2.1\" ] }\n"
		   "services = ( { name = \"dns-reply\", transport = \"udp\",\n"
		   "  direction = \"out\", edge = \"access\", peers = \"client\",\n"
		   "  ports = [ \"53\" ] } )\n"
		   "disable = [ \"rtp-out\" ]\n");
	assert_int_equal(run("check edge.conf --json"), PIM_EXIT_DONE);
	assert_string_equal(errors, ""); /* the warning is in the output */
	value = parsed();
	assert_string_equal(text_of(value, "config"), "edge.conf");
	assert_true(json_is_true(json_object_get(value, "correct")));
	assert_int_equal(number_of(value, "error_count"), 0);
	assert_int_equal(json_array_size(json_object_get(value, "errors")), 0);
	assert_int_equal(json_array_size(json_object_get(value, "warnings")), 1);
	warning = json_array_get(json_object_get(value, "warnings"), 0);
	assert_string_equal(text_of(warning, "file"), "edge.conf");
	assert_int_equal(number_of(warning, "line"), 6);
	assert_has(text_of(warning, "text"), "row \"dns-reply\"");
	assert_has(text_of(warning, "remedy"), "take the row out");
	policy = json_object_get(value, "policy");
	assert_int_equal(json_array_size(json_object_get(policy, "rows")), 7);
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(policy, "disabled"), 0)),
		"rtp-out");
	partner = json_array_get(json_object_get(policy, "partners"), 0);
	assert_string_equal(text_of(partner, "name"), "contoso");
	assert_int_equal(number_of(partner, "ipv4"), 1);
	assert_int_equal(number_of(partner, "ipv6"), 1);
	assert_true(json_is_true(json_object_get(
		json_object_get(json_object_get(policy, "roles"), "client"), "every_ipv6")));
	json_decref(value);
}

static void says_in_json_what_is_wrong(void **state)
{
	json_t *value, *fault;

	(void)state;
	write_text("wrong.conf", "edge = {\n  access = [ \"198.51.100.10/24\", \"\xe9\" ]\n}\n"
				 "clients = { files = [ \"lists/\x01\" ] }\n");
	assert_int_equal(run("check wrong.conf --json"), PIM_EXIT_USAGE);
	assert_string_equal(errors, "");
	value = parsed();
	assert_true(json_is_false(json_object_get(value, "correct")));
	assert_true(json_is_null(json_object_get(value, "policy_hash")));
	assert_true(json_is_null(json_object_get(value, "policy")));
	assert_int_equal(number_of(value, "error_count"), 3);
	fault = json_array_get(json_object_get(value, "errors"), 0);
	assert_string_equal(text_of(fault, "file"), "wrong.conf");
	assert_int_equal(number_of(fault, "line"), 2);
	assert_has(text_of(fault, "text"), "the network is \"198.51.100.0/24\"");
	assert_true(json_is_null(json_object_get(fault, "remedy")));
	json_decref(value);

	assert_int_equal(run("check nowhere.conf --json"), PIM_EXIT_USAGE);
	value = parsed();
	fault = json_array_get(json_object_get(value, "errors"), 0);
	assert_true(json_is_null(json_object_get(fault, "line")));
	json_decref(value);
}

/* One line each, the first twenty, then how many more. */
static void counts_the_errors_it_does_not_show(void **state)
{
	char text[4096] = "edge = { access = [ \"198.51.100.10\" ] }\nclients = { addresses = [\n";
	size_t lines = 0;

	(void)state;
	for (int at = 0; at < 33; at++)
		strcat(text, at ? ",\n\"x\"" : "\"x\"");
	strcat(text, "] }\n");
	write_text("wrong.conf", text);
	assert_usage("check wrong.conf", "wrong.conf:3: ");
	for (const char *at = errors; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, 21);
	assert_has(errors, "\nwrong.conf:22: ");
	assert_has(errors, "\nand 13 more\n");
	assert_null(strstr(errors, "wrong.conf:23:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_configurations),
		cmocka_unit_test(says_where_a_configuration_is_wrong),
		cmocka_unit_test(prints_warnings_beside_the_result),
		cmocka_unit_test(prints_configurations_back),
		cmocka_unit_test(shows_the_hash),
		cmocka_unit_test(checks_in_json),
		cmocka_unit_test(says_in_json_what_is_wrong),
		cmocka_unit_test(counts_the_errors_it_does_not_show),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
