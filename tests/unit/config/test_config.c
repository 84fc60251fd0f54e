/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a configuration means: fields, defaults, options, and what is returned. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "config/config.h"
#include "policy/policy.h"
#include "policy/prefix.h"
#include "unit/config/fixture.h"

static void fills_every_field(void **state)
{
	static const struct {
		const char *prefix;
		unsigned int roles, partner;
		const char *file;
		unsigned int line;
	} listed[] = {
		{ "198.51.100.10", PIM_ROLE_ACCESS, 0, "t.conf", 3 },
		{ "2001:db8:10::/64", PIM_ROLE_ACCESS, 0, "t.conf", 3 },
		{ "198.51.100.11", PIM_ROLE_AV, 0, "t.conf", 2 },
		{ "203.0.113.0/24", PIM_ROLE_PARTNER, 1, "t.conf", 16 },
		{ "2001:db8:c0de::/48", PIM_ROLE_PARTNER, 1, "t.conf", 17 },
		{ "203.0.113.9", PIM_ROLE_PARTNER, 1, "one.prefixes", 2 },
		{ "203.0.113.7", PIM_ROLE_PARTNER, 2, "t.conf", 19 },
		{ "192.0.2.0/24", PIM_ROLE_CLIENT, 0, "t.conf", 10 },
		{ "192.0.2.0/25", PIM_ROLE_MESSENGER, 0, "t.conf", 9 },
		{ "203.0.113.66", PIM_ROLE_BLOCK, 0, "t.conf", 8 },
		{ "198.51.100.200", PIM_ROLE_FAILSAFE, 0, "t.conf", 7 },
	};
	struct pim_policy policy;
	const struct pim_row *row;

	(void)state;
	write_text("one.prefixes", "# one\n203.0.113.9\n");
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
		  "  { files = [ \"one.prefixes\" ], name = \"contoso\",\n"
		  "    addresses = [ \"203.0.113.0/24\",\n"
		  "      \"2001:db8:c0de::/48\"\n"
		  "    ] },\n"
		  "  { name = \"fabrikam\", addresses = [ \"203.0.113.7\" ] } )\n",
		  &policy);

	assert_int_equal(policy.listed_count, sizeof(listed) / sizeof(*listed));
	for (size_t at = 0; at < policy.listed_count; at++) {
		const struct pim_listed *found = &policy.listed[at];
		char text[PIM_PREFIX_TEXT];

		assert_string_equal(pim_prefix_format(&found->prefix, false, text),
				    listed[at].prefix);
		assert_int_equal(found->roles, listed[at].roles);
		assert_int_equal(found->partner, listed[at].partner);
		assert_string_equal(policy.files[found->origin.file].path, listed[at].file);
		assert_int_equal(found->origin.line, listed[at].line);
	}
	assert_int_equal(policy.partner_count, 2);
	assert_string_equal(policy.partners[0].name, "contoso");
	assert_int_equal(policy.partners[0].origin.line, 15);
	assert_string_equal(policy.partners[1].name, "fabrikam");
	assert_int_equal(policy.partners[1].origin.line, 19);

	assert_int_equal(policy.row_count, PIM_BUILTIN_ROWS + 1);
	row = &policy.rows[PIM_BUILTIN_ROWS];
	assert_string_equal(row->name, "ntp");
	assert_string_equal(row->service, "ntp");
	assert_int_equal(row->transport, PIM_UDP);
	assert_int_equal(row->direction, PIM_OUT);
	assert_int_equal(row->edge_role, PIM_ROLE_AV);
	assert_int_equal(row->peer_role, PIM_ROLE_PARTNER);
	assert_int_equal(row->port_end, PIM_PORT_END_SERVER);
	assert_int_equal(row->shape, PIM_SHAPE_ANY);
	assert_int_equal(row->range_count, 2);
	assert_int_equal(row->ranges[0].low, 123);
	assert_int_equal(row->ranges[0].high, 123);
	assert_int_equal(row->ranges[1].low, 1000);
	assert_int_equal(row->ranges[1].high, 2000);
	for (size_t at = 0; at < policy.row_count; at++)
		assert_int_equal(policy.rows[at].enabled,
				 at != PIM_ROW_STUN_IN && at != PIM_BUILTIN_ROWS);

	assert_int_equal(policy.options.stun_shape, PIM_STUN_SHAPE_STRICT);
	assert_int_equal(policy.options.rtp_port_end, PIM_RTP_PORT_END_EDGE);
	assert_int_equal(policy.options.mode, PIM_MODE_ENFORCE);
	assert_false(policy.av_is_access);
	assert_false(policy.messenger_is_clients);
	assert_int_equal(policy.warnings.count, 0);
	assert_string_equal(policy.files[0].path, "t.conf");
	pim_policy_free(&policy);
}

static void fills_defaults(void **state)
{
	static const struct pim_options defaults;
	struct pim_policy policy;

	(void)state;
	read_text(EDGE "clients = { addresses = [ \"192.0.2.0/24\" ] }\n", &policy);
	assert_int_equal(policy.listed_count, 2);
	assert_int_equal(policy.listed[0].roles, PIM_ROLE_ACCESS | PIM_ROLE_AV);
	assert_int_equal(policy.listed[1].roles, PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER);
	assert_true(policy.av_is_access);
	assert_true(policy.messenger_is_clients);
	assert_memory_equal(&policy.options, &defaults, sizeof(defaults));
	assert_int_equal(policy.row_count, PIM_BUILTIN_ROWS);
	pim_policy_free(&policy);
}

static void reads_every_option_value(void **state)
{
	(void)state;
	for (size_t option = 0; option < PIM_OPTION_COUNT; option++) {
		const char *const *values = pim_option_names[option].values;

		for (uint8_t value = 0; values[value]; value++) {
			struct pim_policy policy;
			char text[256];
			const uint8_t *bytes = (const uint8_t *)&policy.options;

			snprintf(text, sizeof(text), EDGE "options = { %s = \"%s\" }\n",
				 pim_option_names[option].name, values[value]);
			read_text(text, &policy);
			for (size_t other = 0; other < PIM_OPTION_COUNT; other++)
				assert_int_equal(bytes[pim_option_names[other].offset],
						 other == option ? value : 0);
			pim_policy_free(&policy);
		}
	}
}

static void print_partners(FILE *out, unsigned int count, const char *last)
{
	fputs(EDGE "partners = (", out);
	for (unsigned int at = 1; at < count; at++)
		fprintf(out, "{name=\"p%u\"},\n", at);
	fprintf(out, "{name=\"%s\"} )\n", last);
}

static void bounds_the_partners(void **state)
{
	struct pim_policy policy;
	FILE *out;

	(void)state;
	out = fopen("partners.conf", "w");
	print_partners(out, PIM_PARTNERS_MAX - 1, "last");
	fclose(out);
	read_file("partners.conf", &policy);
	assert_int_equal(policy.partner_count, PIM_PARTNERS_MAX - 1);
	pim_policy_free(&policy);

	out = fopen("partners.conf", "w");
	print_partners(out, PIM_PARTNERS_MAX - 1, "p2");
	fclose(out);
	assert_string_equal(refusal_of("partners.conf"),
			    "partners.conf:65535: expected a name no other partner has, found "
			    "\"p2\" again, first at partners.conf:3");

	out = fopen("partners.conf", "w");
	print_partners(out, PIM_PARTNERS_MAX, "last");
	fclose(out);
	assert_string_equal(refusal_of("partners.conf"),
			    "partners.conf:65536: expected at most 65534 partners, found more");
}

static void returns_the_errno(void **state)
{
	struct pim_policy policy;
	struct pim_error error = {};

	(void)state;
	assert_int_equal(pim_config_read("nowhere.conf", &policy, &error), -ENOENT);
	pim_policy_free(&policy);
	assert_int_equal(pim_config_read("nowhere.conf", &policy, NULL), -ENOENT);
	pim_policy_free(&policy);
	write_text("t.conf", EDGE "block = { files = [ \"nowhere\" ] }");
	assert_int_equal(pim_config_read("t.conf", &policy, &error), -ENOENT);
	pim_policy_free(&policy);
	write_text("t.conf", "edge = { }");
	assert_int_equal(pim_config_read("t.conf", &policy, &error), -EINVAL);
	pim_policy_free(&policy);
	assert_int_equal(pim_config_read("t.conf", &policy, NULL), -EINVAL);
	pim_policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_every_field),	    cmocka_unit_test(fills_defaults),
		cmocka_unit_test(reads_every_option_value), cmocka_unit_test(bounds_the_partners),
		cmocka_unit_test(returns_the_errno),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
