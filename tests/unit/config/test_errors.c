/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All errors of a configuration, in the order of its lines; what is mended so that the rest is
 * looked at; and the bounds of what is read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/source.h"
#include "config/text.h"
#include "output/check.h"
#include "policy/policy.h"
#include "unit/config/fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static char *shipped; /* examples/partners.conf */
static size_t shipped_size;

/* What the command line prints for a configuration that must be refused; valid until the next
 * call. */
static const char *errors_of(const char *text)
{
	static char printed[65536];
	struct pim_error error = {};
	struct pim_policy policy;
	FILE *out = fmemopen(printed, sizeof(printed), "w");

	write_text("t.conf", text);
	if (!pim_config_read("t.conf", &policy, &error))
		fail_msg("accepted: %s", text);
	assert_int_equal(error.kind, PIM_EXIT_USAGE);
	pim_output_findings_text(out, "", &policy, &policy.errors);
	fclose(out);
	pim_policy_free(&policy);
	return printed;
}

static void reports_every_error_in_the_order_of_lines(void **state)
{
	(void)state;
	write_text("three.prefixes", "192.0.2.1\n192.0.2.1/24\n\nany\n");
	/* options is read after clients, and edge before both. */
	assert_string_equal(
		errors_of(
			"options = { mode = \"observ\", speed = \"1\" }\n"
			"clients = { addresses = [ \"1.2.3\",\n"
			"                          \"1.2.3.4\", \"::g\" ],\n"
			"            files = [ \"three.prefixes\", \"nowhere\" ] }\n"
			"edge = { access = [ \"127.0.0.1\" ] }\n"
			"services = ( { name = \"a\", transport = \"tcp\", direction = \"in\",\n"
			"               edge = \"access\", peers = \"friends\", ports = [ \"0\" ] } )\n"
			"disable = [ \"a\", \"b\" ]\n"),
		"t.conf:1: expected a key of options (mode, not-edge, non-ip, fragments, ip-options, "
		"rtp-port-end or stun-shape), found \"speed\"\n"
		"t.conf:1: expected a value of mode (enforce or observe), found \"observ\": did you "
		"mean \"observe\"?\n"
		"t.conf:2: expected an IPv4 or IPv6 address or prefix, found \"1.2.3\" (IPv4 has four "
		"octets)\n"
		"t.conf:3: expected an IPv4 or IPv6 address or prefix, found \"::g\"\n"
		"t.conf:4: expected a readable file at nowhere, found none\n"
		"t.conf:5: expected an address that an Edge can have, found \"127.0.0.1\", which is in "
		"127.0.0.0/8 (loopback)\n"
		"t.conf:7: expected a role of the peers (partner, client or messenger), found "
		"\"friends\"\n"
		"t.conf:7: expected a port from 1 to 65535 or a range \"LOW-HIGH\" of them, found "
		"\"0\"\n"
		"t.conf:8: expected the name of a row (sip-mtls-in, sip-mtls-out, sip-tls-in, rtp-out, "
		"stun-out, stun-in or a), found \"b\"\n"
		"three.prefixes:2: expected a prefix without host bits, found \"192.0.2.1/24\": the "
		"network is \"192.0.2.0/24\", the host \"192.0.2.1\"\n"
		"three.prefixes:4: expected an IPv4 or IPv6 address or prefix, found \"any\" (for every "
		"address write \"0.0.0.0/0\" and \"::/0\")\n");
}

/* What kept a file from being read may pass, unlike a wrong text: so it is the result. */
static void returns_what_may_pass(void **state)
{
	struct pim_error error = {};
	struct pim_policy policy;

	(void)state;
	write_text("t.conf", EDGE "block = { addresses = [ \"x\" ], files = [ \"nowhere\" ] }\n"
				  "clients = { addresses = [ \"y\" ] }\n");
	assert_int_equal(pim_config_read("t.conf", &policy, &error), -ENOENT);
	assert_int_equal(policy.errors.count, 3);
	assert_string_equal(error.text,
			    "t.conf:2: expected an IPv4 or IPv6 address or prefix, found "
			    "\"x\" (a name: write its addresses, since names are not "
			    "looked up) (the first of 3 errors)");
	pim_policy_free(&policy);
}

/* The name makes the partner: without one, its prefixes are not those of the partner before. */
static void does_not_blame_a_partner_for_the_next(void **state)
{
	(void)state;
	assert_string_equal(
		errors_of(EDGE "partners = (\n"
			       "{ name = \"contoso\", addresses = [ \"192.0.2.0/24\" ] },\n"
			       "{ name = \" x\", addresses = [ \"203.0.113.0/24\" ] },\n"
			       "{ name = \"fabrikam\", addresses = [ \"203.0.113.0/24\" ] } )\n"),
		"t.conf:4: expected a partner's name of 1 to 47 printable ASCII characters without \" "
		"and \\ and without blanks around it, found \" x\"\n");
}

static void says_what_to_write(void **state)
{
	static const struct {
		const char *text, *errors;
	} cases[] = {
		{ "edge = { access = [ \xe2\x80\x9c"
		  "198.51.100.10\xe2\x80\x9d ] }\n",
		  "t.conf:1: expected double quotes (\"), found the typographic quote U+201C before "
		  "\"198.51.100.10\": write \" (an editor or a mail program may have changed it)\n" },
		{ "edge = { access = [ '198.51.100.10' ] }\n",
		  "t.conf:1: expected double quotes (\"), found a single quote before "
		  "\"198.51.100.10\": write \" (an editor or a mail program may have changed it)\n" },
		{ "edge = { access = [ 198.51.100.10, ::1:2 ] }\n",
		  "t.conf:1: expected a value in double quotes, found 198.51.100.10 without: write "
		  "\"198.51.100.10\"\n"
		  "t.conf:1: expected a value in double quotes, found ::1:2 without: write "
		  "\"::1:2\"\n" },
		{ "edge = { access = [ \"198.51.100.10\", ] }\n",
		  "t.conf:1: expected something after the comma, found \"]\": take the last comma "
		  "away\n" },
		{ "edge = { access = [ , \"198.51.100.10\",, \"198.51.100.11\" ] }\n",
		  "t.conf:1: expected something before the comma, found none: take the comma away\n"
		  "t.conf:1: expected something before the comma, found none: take the comma away\n" },
		{ EDGE "partners = (\n{ name = \"contoso\" }\n,\n)\n",
		  "t.conf:4: expected something after the comma, found \")\": take the last comma "
		  "away\n" },
		{ "\xef\xbb\xbf" EDGE,
		  "t.conf:1: expected text, found a byte order mark (BOM) before it: save the file as "
		  "UTF-8 without BOM\n" },
		{ "\xff\xfe"
		  "e",
		  "t.conf:1: expected ASCII or UTF-8, found UTF-16, as its byte order mark says: save "
		  "the file as UTF-8 without BOM\n" },
		{ "edge = {\xc2\xa0"
		  "access = [ \"198.51.100.10\" ] }\n",
		  "t.conf:1: expected a blank, found a no-break space (U+00A0), which looks the same: "
		  "write a blank\n" },
		{ "# old Mac\redge = { access = [ \"198.51.100.10\" ] }\r",
		  "t.conf:1: expected lines that end in LF or CR LF, found a CR alone: save the file "
		  "with Unix or Windows line ends\n" },
		{ EDGE "Clients = { addresses = [ ] }\n",
		  "t.conf:2: expected a key of the configuration (edge, partners, clients, messenger, "
		  "block, failsafe, services, disable or options), found \"Clients\": did you mean "
		  "\"clients\"?\n" },
		{ EDGE "options = { mode = enforce }\n",
		  "t.conf:2: expected a value in double quotes, found enforce without: write "
		  "\"enforce\"\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++)
		assert_string_equal(errors_of(cases[at].text), cases[at].errors);
}

/* Each fault above is mended, so that the one after it is found, at its own line. */
static void goes_on_behind_what_it_mends(void **state)
{
	(void)state;
	assert_string_equal(
		errors_of("\xef\xbb\xbf" EDGE "clients = { addresses = [ 192.0.2.1, \xe2\x80\x98"
			  "192.0.2.2\xe2\x80\x99\n"
			  "\"192.0.2.3\" \"192.0.2.4\",\n"
			  "] }\n"
			  "edge = { access = [ \"no address\" ] }\n"
			  "clients = {\n"
			  "  addresses = [ \"none\", ( \"either\",\n ) ]\n"
			  "}\n"
			  "block = { addresses = [ \"x y\" ] }\n"),
		"t.conf:1: expected text, found a byte order mark (BOM) before it: save the file as "
		"UTF-8 without BOM\n"
		"t.conf:2: expected a value in double quotes, found 192.0.2.1 without: write "
		"\"192.0.2.1\"\n"
		"t.conf:2: expected double quotes (\"), found the typographic quote U+2018 before "
		"\"192.0.2.2\": write \" (an editor or a mail program may have changed it)\n"
		"t.conf:3: expected a comma between two strings, found none before \"192.0.2.3\"\n"
		"t.conf:3: expected a comma between two strings, found none before \"192.0.2.4\"\n"
		"t.conf:3: expected something after the comma, found \"]\": take the last comma away\n"
		"t.conf:5: expected each key once in its group, found \"edge\" again, first at "
		"t.conf:1\n"
		"t.conf:6: expected each key once in its group, found \"clients\" again, first at "
		"t.conf:2\n"
		"t.conf:7: expected something after the comma, found \")\": take the last comma away\n"
		"t.conf:10: expected an IPv4 or IPv6 address or prefix, found \"x y\"\n");
}

static void names_the_other_place_of_a_key(void **state)
{
	(void)state;
	write_text("more.inc", "# two lines\nclients = { addresses = [ ] }\n");
	assert_string_equal(
		errors_of(EDGE "clients = { }\n@include \"more.inc\"\n"),
		"more.inc:2: expected each key once in its group, found \"clients\" again, "
		"first at t.conf:2\n");
	/* The manual's recipe of old. */
	write_text("more.inc", EDGE "options = { mode = \"enforce\" }\n");
	assert_string_equal(
		errors_of("@include \"more.inc\"\noptions = { mode = \"observe\" }\n"),
		"t.conf:2: expected each key once in its group, found \"options\" again, "
		"first at more.inc:2\n");
	/* The same key in another group is another. */
	assert_string_equal(errors_of(EDGE "partners = ( { name = \"a\" }, { name = \"b\", name = "
					   "\"c\" } )\n"),
			    "t.conf:2: expected each key once in its group, found \"name\" again, "
			    "first at t.conf:2\n");
}

/* ---- bounds ---- */

#define UNKNOWN 30000

static void write_unknown(unsigned int count, const char *format)
{
	FILE *out = fopen("t.conf", "w");

	fputs(EDGE, out);
	for (unsigned int at = 0; at < count; at++)
		fprintf(out, format, at);
	fputs("block = { addresses = [ \"x\" ] }\n", out);
	fclose(out);
}

/* libconfig compares a key with all before it, so the number of keys that it is given bounds its
 * work. */
static void bounds_what_libconfig_gets(void **state)
{
	static const char *const formats[] = {
		"key%u = { a = ( \"1\", [ \"2\" ] ) }; ",
		"key = \"%u\"\n",
		"edge : { access = [ \"%u\" ] },",
	};

	(void)state;
	for (size_t at = 0; at < COUNT(formats); at++) {
		struct pim_config_text text = {};
		struct pim_error error = {};
		struct pim_policy policy;
		uint32_t file;
		size_t keys = 0;

		write_unknown(UNKNOWN, formats[at]);
		assert_int_equal(pim_policy_init(&policy), 0);
		assert_int_equal(pim_source_add(&policy, "t.conf", &file, &error), 0);
		assert_int_equal(pim_config_text_read(&policy, &text, &error), 0);
		for (const char *sign = text.bytes; (sign = strpbrk(sign, "=:")); sign++)
			keys++;
		assert_in_range(keys, 4, 2 * 100);
		pim_config_text_free(&text);
		pim_policy_free(&policy);

		assert_true(pim_config_read("t.conf", &policy, &error) < 0);
		assert_int_equal(policy.errors.count, PIM_ERRORS_LISTED);
		/* All but the first of the same key; and the address at the end. */
		assert_int_equal(policy.errors.count + policy.errors.more, UNKNOWN + 1);
		pim_policy_free(&policy);
	}
}

/* Seven files, each including the next several times, are exponentially many. */
static void bounds_includes_in_all(void **state)
{
	struct pim_error error = {};
	struct pim_policy policy;

	(void)state;
	for (int file = 0; file < 7; file++) {
		char name[32];
		FILE *out;

		snprintf(name, sizeof(name), "wide%d.inc", file);
		out = fopen(name, "w");
		for (int at = 0; at < 20; at++)
			if (file < 6)
				fprintf(out, "@include \"wide%d.inc\"\n", file + 1);
			else
				fprintf(out, "# a comment that makes it large\n");
		fclose(out);
	}
	write_text("t.conf", EDGE "@include \"wide0.inc\"\n");
	assert_int_equal(pim_config_read("t.conf", &policy, &error), -EINVAL);
	assert_non_null(
		strstr(error.text, "expected at most 64 files included in all, found more"));
	assert_true(policy.file_count < 70);
	pim_policy_free(&policy);
}

static void takes_sixty_four_includes(void **state)
{
	struct pim_policy policy;
	FILE *out = fopen("t.conf", "w");

	(void)state;
	write_text("nothing.inc", "# nothing\n");
	fputs(EDGE, out);
	for (int at = 0; at < 64; at++)
		fputs("@include \"nothing.inc\"\n", out);
	fclose(out);
	read_file("t.conf", &policy);
	pim_policy_free(&policy);
	out = fopen("t.conf", "a");
	fputs("@include \"nothing.inc\"\n", out);
	fclose(out);
	assert_non_null(strstr(refusal_of("t.conf"), "t.conf:66: expected at most 64 files"));
}

static void bounds_the_bytes(void **state)
{
	FILE *out = fopen("large.inc", "w");

	(void)state;
	for (int at = 0; at < 250000; at++)
		fputs("# 20 bytes, comment\n", out);
	fclose(out);
	/* Five MB, four times. */
	assert_string_equal(
		refusal(EDGE "@include \"large.inc\"\n@include \"large.inc\"\n"
			     "@include \"large.inc\"\n@include \"large.inc\"\n"),
		"t.conf:5: expected at most 16 MB in all files that are included, found more: "
		"move long lists of addresses into prefix files");
	out = fopen("t.conf", "w");
	fputs(EDGE, out);
	for (int at = 0; at < 3200000; at++)
		fputs("# 20 bytes, comment\n", out);
	fclose(out);
	assert_string_equal(
		refusal_of("t.conf"),
		"t.conf: expected at most 64 MB of configuration, found more: move long "
		"lists of addresses into prefix files");
	/* Holes take no room on the disk. */
	out = fopen("holes", "w");
	assert_int_equal(ftruncate(fileno(out), 1000000000000), 0);
	fclose(out);
	assert_string_equal(
		refusal(EDGE "block = {\n files = [ \"holes\" ] }\n"),
		"t.conf:3: expected a configuration of at most 256 MB in all its files, "
		"found more with holes: does a file include itself, or is it not a text?");
}

static void finds_a_circle_at_once(void **state)
{
	(void)state;
	write_text("one.inc", "@include \"two.inc\"\n");
	write_text("two.inc", "\n@include \"one.inc\"\n");
	assert_string_equal(
		errors_of(EDGE "@include \"one.inc\"\n"),
		"two.inc:2: expected a file that does not include itself, found one.inc in "
		"it again\n");
}

/* ---- any text ---- */

/* Pieces that the scanner knows, in any order: no fault of memory, every refusal has a place, and
 * what is accepted prints back the same. */
static void survives_any_order_of_pieces(void **state)
{
	static const char *const pieces[] = {
		"edge",
		"=",
		":",
		"{",
		"}",
		"access",
		"[",
		"]",
		"(",
		")",
		",",
		";",
		"\"192.0.2.1\"",
		"\n",
		" ",
		"192.0.2.1",
		"'x'",
		"'",
		"\xe2\x80\x9c",
		"\xe2\x80\x9d",
		"\xc2\xa0",
		"\xe2",
		"\"",
		"\\",
		"@include \"nothing.inc\"\n",
		"@include",
		"#",
		"//",
		"/*",
		"*/",
		"\r",
		"\r\n",
		"true",
		"0x1f",
		"80-90",
		"1.5",
		"-",
		"name",
		"partners",
		"unknown",
		"*",
		"\xef\xbb\xbf",
		"clients",
		"addresses",
		"edge = { access = [ \"198.51.100.10\" ] }\n",
		"\"a\" \"b\"",
		"options = {",
		"mode = observe",
	};
	unsigned int accepted = 0;

	(void)state;
	srand(5);
	write_text("nothing.inc", "# nothing\n");
	for (int round = 0; round < 4000; round++) {
		char text[2048] = "";
		struct pim_policy policy;
		struct pim_error error = {};

		if (rand() % 2)
			strcat(text, EDGE);
		for (int count = 1 + rand() % 20; count; count--)
			strcat(text, pieces[(size_t)rand() % COUNT(pieces)]);
		write_text("t.conf", text);
		if (pim_config_read("t.conf", &policy, &error)) {
			assert_true(policy.errors.count > 0);
			assert_non_null(strchr(error.text, ':'));
			for (const char *at = error.text; *at; at++)
				assert_true(*at >= ' ' && *at <= '~');
		} else {
			char *printed = pim_config_print(&policy);
			struct pim_policy again;

			accepted++;
			assert_int_equal(policy.errors.count + policy.errors.more, 0);
			assert_non_null(printed);
			read_text(printed, &again);
			assert_policies_equal(&policy, &again);
			pim_policy_free(&again);
			free(printed);
		}
		pim_policy_free(&policy);
	}
	assert_true(accepted > 30);
}

/* The sample, cut at every byte: read or refused, never more than that. */
static void survives_the_sample_cut_anywhere(void **state)
{
	(void)state;
	for (size_t length = 0; length < shipped_size; length++) {
		struct pim_error error = {};
		struct pim_policy policy;

		write_bytes("t.conf", shipped, length);
		if (pim_config_read("t.conf", &policy, &error))
			assert_true(policy.errors.count > 0);
		pim_policy_free(&policy);
	}
	free(shipped);
}

int main(void)
{
	char path[512];

	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_every_error_in_the_order_of_lines),
		cmocka_unit_test(returns_what_may_pass),
		cmocka_unit_test(does_not_blame_a_partner_for_the_next),
		cmocka_unit_test(says_what_to_write),
		cmocka_unit_test(goes_on_behind_what_it_mends),
		cmocka_unit_test(names_the_other_place_of_a_key),
		cmocka_unit_test(bounds_what_libconfig_gets),
		cmocka_unit_test(bounds_includes_in_all),
		cmocka_unit_test(takes_sixty_four_includes),
		cmocka_unit_test(bounds_the_bytes),
		cmocka_unit_test(finds_a_circle_at_once),
		cmocka_unit_test(survives_any_order_of_pieces),
		cmocka_unit_test(survives_the_sample_cut_anywhere),
	};

	/* Before the folder is another. */
	snprintf(path, sizeof(path), "%s/../examples/partners.conf", tests_folder());
	shipped = read_bytes(path, &shipped_size);
	return cmocka_run_group_tests(tests, enter, leave);
}
