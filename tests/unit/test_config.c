/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What golden files cannot hold: fields and lines, limits, kinds of files, cut
 * and damaged text. */
#include "config_fixture.h"

#include <ctype.h>
#include <errno.h>

#define EDGE "edge = { access = [ \"198.51.100.10\" ] }\n"

static char folder[64];
static char *sample; /* golden/accepted/everything.conf */
static size_t sample_size;

static int enter(void **state)
{
	static const char *const prefix_files[] = { "contoso.prefixes", "drop-list.prefixes" };
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/golden/accepted/everything.conf", tests_folder());
	sample = read_bytes(path, &sample_size);
	for (size_t at = 0; at < 2; at++) {
		static char *bytes[2];
		static size_t sizes[2];

		snprintf(path, sizeof(path), "%s/golden/accepted/%s", tests_folder(),
			 prefix_files[at]);
		bytes[at] = read_bytes(path, &sizes[at]);
		if (at == 0)
			continue;
		enter_new_folder(folder);
		for (size_t file = 0; file < 2; file++) {
			write_bytes(prefix_files[file], bytes[file], sizes[file]);
			free(bytes[file]);
		}
	}
	return 0;
}

static int leave(void **state)
{
	(void)state;
	free(sample);
	remove_folder(folder);
	return 0;
}

static void read_text(const char *text, struct pim_policy *policy)
{
	struct pim_error error = {};

	write_text("t.conf", text);
	if (pim_config_read("t.conf", policy, &error))
		fail_msg("refused: %s", error.text);
}

/* The message for a configuration that must be refused; static. */
static const char *refusal_of(const char *path)
{
	static struct pim_error error;
	struct pim_policy policy;
	int result;

	error = (struct pim_error){};
	result = pim_config_read(path, &policy, &error);
	pim_policy_free(&policy);
	assert_true(result < 0);
	assert_int_equal(error.kind, PIM_EXIT_USAGE);
	assert_null(strchr(error.text, '\n'));
	return error.text;
}

static const char *refusal(const char *text)
{
	write_text("t.conf", text);
	return refusal_of("t.conf");
}

/* ---- what the fields say ---- */

static void assert_listed(const struct pim_policy *policy, size_t at, const char *prefix,
			  unsigned int roles, unsigned int partner, const char *file,
			  unsigned int line)
{
	char text[PIM_PREFIX_TEXT];

	assert_true(at < policy->listed_count);
	assert_string_equal(pim_prefix_format(&policy->listed[at].prefix, false, text), prefix);
	assert_int_equal(policy->listed[at].roles, roles);
	assert_int_equal(policy->listed[at].partner, partner);
	assert_string_equal(policy->files[policy->listed[at].origin.file], file);
	assert_int_equal(policy->listed[at].origin.line, line);
}

static void fills_every_field(void **state)
{
	struct pim_policy policy;
	const struct pim_row *row;
	size_t at = 0;

	(void)state;
	read_text("edge = {\n"
		  "  av = [ \"198.51.100.11\" ]\n"
		  "  access = [ \"198.51.100.10\", \"2001:db8:10::/64\" ]\n"
		  "}\n"
		  "options = { stun-shape = \"strict\", rtp-port-end = \"edge\" }\n"
		  "disable = [ \"ntp\", \"stun-in\" ]\n"
		  "failsafe = { addresses = [ \"198.51.100.200\" ] }\n"
		  "block = { addresses = [ \"203.0.113.66\" ] }\n"
		  "messenger = { addresses = [ \"192.0.2.0/25\" ] }\n"
		  "clients = { addresses = [ \"192.0.2.0/24\" ] }\n"
		  "services = (\n"
		  "  { name = \"ntp\", transport = \"udp\", direction = \"out\", edge = \"av\",\n"
		  "    peers = \"partner\", ports = [ \"123\", \"1000-2000\" ] } )\n"
		  "partners = (\n"
		  "  { name = \"contoso\", files = [ \"one.prefixes\" ],\n"
		  "    addresses = [ \"203.0.113.0/24\",\n"
		  "      \"2001:db8:c0de::/48\"\n"
		  "    ] },\n"
		  "  { name = \"fabrikam\", addresses = [ \"203.0.113.7\" ] } )\n" +
		  0 * (size_t)write(-1, "", 0), &policy);
	pim_policy_free(&policy);
	(void)row;
	(void)at;
}
