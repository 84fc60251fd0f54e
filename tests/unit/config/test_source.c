/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The files that a configuration is read from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/policy.h"
#include "unit/config/fixture.h"

static void refuses_what_is_no_file(void **state)
{
	(void)state;
	assert_string_equal(refusal_of("nowhere.conf"),
			    "nowhere.conf: expected a readable file, found none");
	assert_string_equal(refusal_of(""), ": expected a readable file, found none");
	assert_string_equal(refusal_of("."), ".: expected a readable file, found a directory");
	assert_string_equal(refusal_of("/dev/null"),
			    "/dev/null: expected a readable file, found a device");
	assert_int_equal(mkfifo("fifo", 0644), 0);
	alarm(60); /* opening a FIFO without a writer would block for ever */
	assert_string_equal(refusal_of("fifo"), "fifo: expected a readable file, found a FIFO");
	assert_string_equal(refusal(EDGE "block = { files = [ \"fifo\" ] }"),
			    "t.conf:2: expected a readable file at fifo, found a FIFO");
	assert_string_equal(refusal(EDGE "@include \"fifo\""),
			    "t.conf:2: expected a readable file at fifo, found a FIFO");
	alarm(0);
	assert_string_equal(refusal(EDGE "block = { files = [\n\"/dev/null\"\n] }"),
			    "t.conf:3: expected a readable file at /dev/null, found a device");
}

static void refuses_what_it_may_not_read(void **state)
{
	const char *found;

	(void)state;
	write_text("secret", EDGE);
	assert_int_equal(chmod("secret", 0), 0);
	write_text("t.conf", EDGE "block = { files = [ \"secret\" ] }");
	/* root may read everything: act as another user. */
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	found = refusal_of("secret");
	assert_string_equal(found, "secret: expected a readable file, found \"Permission denied\"");
	found = refusal_of("t.conf");
	assert_string_equal(found, "t.conf:2: expected a readable file at secret, found "
				   "\"Permission denied\"");
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

static void finds_files_beside_the_configuration(void **state)
{
	struct pim_policy policy;
	char absolute[256], text[512];

	(void)state;
	assert_int_equal(mkdir("etc", 0755), 0);
	assert_int_equal(mkdir("etc/lists", 0755), 0);
	write_text("etc/lists/a.prefixes", "192.0.2.1\n");
	write_text("etc/part.inc", "block = { files = [ \"lists/a.prefixes\" ] }\n");
	snprintf(absolute, sizeof(absolute), "%s/etc/lists/a.prefixes", folder);
	snprintf(text, sizeof(text),
		 EDGE "@include \"part.inc\"\n"
		      "clients = { files = [ \"lists/a.prefixes\", \"%s\" ] }\n",
		 absolute);
	write_text("etc/t.conf", text);
	read_file("etc/t.conf", &policy);
	assert_int_equal(policy.listed_count, 4);
	assert_string_equal(policy.files[policy.listed[1].origin.file].path,
			    "etc/lists/a.prefixes");
	assert_string_equal(policy.files[policy.listed[2].origin.file].path, absolute);
	assert_string_equal(policy.files[policy.listed[3].origin.file].path,
			    "etc/lists/a.prefixes");
	pim_policy_free(&policy);

	write_text("etc/lists/a.prefixes", "192.0.2.1\n192.0.2\n");
	assert_string_equal(refusal_of("etc/t.conf"),
			    "etc/lists/a.prefixes:2: expected an IPv4 or IPv6 address or prefix, "
			    "found \"192.0.2\" (IPv4 has four octets) (the first of 3 errors)");
	write_text("etc/lists/a.prefixes", "192.0.2.1\n");
	write_text("etc/part.inc", "block = 5\n");
	assert_string_equal(refusal_of("etc/t.conf"),
			    "etc/part.inc:1: expected a group { } for block, found the number 5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_no_file),
		cmocka_unit_test(refuses_what_it_may_not_read),
		cmocka_unit_test(finds_files_beside_the_configuration),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
