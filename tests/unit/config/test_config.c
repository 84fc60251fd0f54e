/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What golden files cannot hold: fields and lines, limits, kinds of files, cut
 * and damaged text. */
#include "unit/config/config_fixture.h"

#include <errno.h>

#define EDGE "edge = { access = [ \"198.51.100.10\" ] }\n"

static char folder[64];
static char *sample; /* golden/accepted/everything.conf */
static size_t sample_size;

static int enter(void **state)
{
	static const char *const names[] = { "everything.conf", "contoso.prefixes",
					     "drop-list.prefixes" };
	char *bytes[3], path[512];
	size_t sizes[3];

	(void)state;
	for (size_t at = 0; at < 3; at++) {
		snprintf(path, sizeof(path), "%s/golden/accepted/%s", tests_folder(), names[at]);
		bytes[at] = read_bytes(path, &sizes[at]);
	}
	sample = bytes[0];
	sample_size = sizes[0];
	enter_new_folder(folder);
	for (size_t at = 1; at < 3; at++) {
		write_bytes(names[at], bytes[at], sizes[at]);
		free(bytes[at]);
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

static void read_file(const char *path, struct pim_policy *policy)
{
	struct pim_error error = {};

	if (pim_config_read(path, policy, &error))
		fail_msg("refused: %s", error.text);
}

static void read_text(const char *text, struct pim_policy *policy)
{
	write_text("t.conf", text);
	read_file("t.conf", policy);
}

/* The message for a configuration that must be refused; good until the next. */
static const char *refusal_of(const char *path)
{
	static struct pim_error error;
	struct pim_policy policy;
	int result;

	error = (struct pim_error){};
	result = pim_config_read(path, &policy, &error);
	pim_policy_free(&policy);
	if (!result)
		fail_msg("%s was accepted", path);
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
	assert_int_equal(policy.warning_count, 0);
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

/* ---- lines ---- */

/* A text being made, with the line it has reached. */
struct writer {
	char text[16384];
	size_t size;
	unsigned int line;
};

static void emit(struct writer *writer, const char *piece)
{
	size_t length = strlen(piece);

	assert_true(writer->size + length < sizeof(writer->text));
	memcpy(writer->text + writer->size, piece, length + 1);
	writer->size += length;
	for (; *piece; piece++)
		writer->line += *piece == '\n';
}

/* A token behind anything that may stand between tokens; the token's line. */
static unsigned int emit_token(struct writer *writer, const char *token)
{
	static const char *const between[] = {
		" ", "\n", "\r\n\t", "# a \"comment\n", "/* [ \n \" */", "// {\n", "\n\n\n",
		"/***/", "/* # */", "# /*\n", "// */\n", " \f ",
	};
	unsigned int line;

	emit(writer, " ");
	for (int count = rand() % 3; count; count--)
		emit(writer, between[(size_t)rand() % (sizeof(between) / sizeof(*between))]);
	line = writer->line;
	emit(writer, token);
	return line;
}

static void knows_every_line_in_any_layout(void **state)
{
	(void)state;
	srand(2);
	for (int round = 0; round < 500; round++) {
		static const char *const start[] = { "edge", "=", "{", "access", "=", "[" };
		struct writer writer = { .line = 1 };
		unsigned int edge_line, name_lines[8], address_lines[8][4];
		unsigned int partners = 1 + (unsigned int)rand() % 8;
		struct pim_policy policy;
		size_t at = 0;

		for (size_t token = 0; token < sizeof(start) / sizeof(*start); token++)
			emit_token(&writer, start[token]);
		edge_line = emit_token(&writer, "\"198.51.100.10\"");
		emit_token(&writer, "]");
		emit_token(&writer, "}");
		emit_token(&writer, "partners");
		emit_token(&writer, "=");
		emit_token(&writer, "(");
		for (unsigned int partner = 0; partner < partners; partner++) {
			char text[64];

			emit_token(&writer, partner ? ",{" : "{");
			emit_token(&writer, "name");
			emit_token(&writer, ":");
			snprintf(text, sizeof(text), "\"[p%u #\"", partner);
			name_lines[partner] = emit_token(&writer, text);
			emit_token(&writer, rand() % 2 ? "addresses" : ";addresses");
			emit_token(&writer, "=");
			emit_token(&writer, "(");
			for (unsigned int address = 0; address < 4; address++) {
				snprintf(text, sizeof(text), "\"203.0.%u.%u\"", partner, address);
				if (address)
					emit_token(&writer, ",");
				address_lines[partner][address] = emit_token(&writer, text);
			}
			emit_token(&writer, ")");
			emit_token(&writer, "}");
		}
		emit_token(&writer, ")");
		emit_token(&writer, "");

		read_text(writer.text, &policy);
		assert_int_equal(policy.listed_count, 1 + 4 * partners);
		assert_int_equal(policy.listed[at++].origin.line, edge_line);
		for (unsigned int partner = 0; partner < partners; partner++) {
			assert_int_equal(policy.partners[partner].origin.line,
					 name_lines[partner]);
			for (unsigned int address = 0; address < 4; address++)
				assert_int_equal(policy.listed[at++].origin.line,
						 address_lines[partner][address]);
		}
		pim_policy_free(&policy);
	}
}

/* ---- cut and damaged text ---- */

/* Whether a text may end here: no string, comment or bracket is open, and the
 * last thing said is a whole setting. Written apart from the reader's own scan. */
static bool is_whole(const char *text, size_t size)
{
	enum { PLAIN, STRING, LINE, BLOCK } in = PLAIN;
	char last = '\0';
	int depth = 0;

	for (size_t at = 0; at < size; at++) {
		char here = text[at], next = at + 1 < size ? text[at + 1] : '\0';

		if (in == STRING) {
			if (here == '\\')
				at++;
			else if (here == '"')
				in = PLAIN;
		} else if (in == LINE) {
			if (here == '\n')
				in = PLAIN;
		} else if (in == BLOCK) {
			if (here == '*' && next == '/') {
				in = PLAIN;
				at++;
			}
		} else if (here == '#' || (here == '/' && next == '/')) {
			in = LINE;
		} else if (here == '/' && next == '*') {
			in = BLOCK;
			at++;
		} else {
			if (here == '"')
				in = STRING;
			depth += here == '{' || here == '[' || here == '(';
			depth -= here == '}' || here == ']' || here == ')';
			if (here != ' ' && here != '\n')
				last = here;
		}
	}
	return (in == PLAIN || in == LINE) && !depth && last && strchr("})];,", last);
}

static void check_cut(const char *text, size_t size)
{
	struct pim_policy policy;
	struct pim_error error = {};
	int result;

	write_bytes("cut.conf", text, size);
	result = pim_config_read("cut.conf", &policy, &error);
	if (is_whole(text, size) != !result)
		fail_msg("cut at %zu: %s", size, result ? error.text : "accepted");
	if (result) {
		assert_int_equal(error.kind, PIM_EXIT_USAGE);
		assert_int_equal(strncmp(error.text, "cut.conf:", 9), 0);
		assert_null(strchr(error.text, '\n'));
	}
	pim_policy_free(&policy);
}

static void survives_a_cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t size = 0; size <= sample_size; size++)
		check_cut(sample, size);
}

static void survives_damage(void **state)
{
	static const char bytes[] = "\"\\{}[]()#/*@,;:=-0a \t\r\n\x80\xff";
	char *text = malloc(2 * sample_size);
	unsigned int accepted = 0, refused = 0;

	(void)state;
	srand(3);
	assert_non_null(text);
	for (int round = 0; round < 4000; round++) {
		size_t size = sample_size;
		struct pim_policy policy;
		struct pim_error error = {};

		memcpy(text, sample, size);
		for (int count = 1 + rand() % 3; count; count--) {
			size_t at = (size_t)rand() % size, length = (size_t)rand() % 8;

			switch (rand() % 4) {
			case 0: /* another byte, a NUL now and then */
				text[at] = bytes[(size_t)rand() % sizeof(bytes)];
				break;
			case 1: /* one more */
				memmove(text + at + 1, text + at, size++ - at);
				text[at] = bytes[(size_t)rand() % sizeof(bytes)];
				break;
			case 2: /* a few less */
				length = length < size - at ? length : size - at - 1;
				memmove(text + at, text + at + length, size - at - length);
				size -= length;
				break;
			default: /* the same again */
				length = length < size - at ? length : size - at;
				memmove(text + at + length, text + at, size - at);
				size += length;
				break;
			}
		}
		write_bytes("damaged.conf", text, size);
		if (pim_config_read("damaged.conf", &policy, &error)) {
			refused++;
			assert_int_equal(error.kind, PIM_EXIT_USAGE);
			for (const char *at = error.text; *at; at++)
				assert_true(*at >= ' ' && *at <= '~');
			assert_non_null(strchr(error.text, ':'));
		} else {
			char *printed = pim_config_print(&policy);
			struct pim_policy again;

			accepted++;
			assert_non_null(printed);
			read_text(printed, &again);
			assert_policies_equal(&policy, &again);
			pim_policy_free(&again);
			free(printed);
		}
		pim_policy_free(&policy);
	}
	free(text);
	assert_true(accepted > 100 && refused > 100);
}

/* ---- limits ---- */

static void print_services(FILE *out, unsigned int count)
{
	fputs(EDGE "services = (", out);
	for (unsigned int at = 0; at < count; at++)
		fprintf(out, "%s{ name = \"s%u\", transport = \"tcp\", direction = \"in\", "
			     "edge = \"access\", peers = \"client\", ports = [ \"%u\" ] }",
			at ? ",\n" : "\n", at, at + 1);
	fputs(" )\n", out);
}

static void bounds_the_rows(void **state)
{
	unsigned int most = PIM_ROWS_MAX - PIM_BUILTIN_ROWS;
	struct pim_policy policy;
	char expected[128];
	FILE *out;

	(void)state;
	out = fopen("rows.conf", "w");
	print_services(out, most);
	fclose(out);
	read_file("rows.conf", &policy);
	assert_int_equal(policy.row_count, PIM_ROWS_MAX);
	pim_policy_free(&policy);

	out = fopen("rows.conf", "w");
	print_services(out, most + 1);
	fclose(out);
	/* The edge on line 1, the list on line 2, a service a line behind. */
	snprintf(expected, sizeof(expected),
		 "rows.conf:%u: expected at most %u services beside the built-in rows, found more",
		 most + 3, most);
	assert_string_equal(refusal_of("rows.conf"), expected);
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

/* A third of a million prefixes, unsorted: no quadratic work would end in time. */
#define MANY 300000u

static void print_many(FILE *out)
{
	for (uint32_t at = 0; at < MANY; at++) {
		uint32_t address = 0x0a000000 + ((at * 7919) % MANY << 4);

		fprintf(out, "%u.%u.%u.%u/28\n", address >> 24, address >> 16 & 255,
			address >> 8 & 255, address & 255);
	}
}

static void reads_long_prefix_files(void **state)
{
	struct pim_policy policy;
	FILE *out;

	(void)state;
	out = fopen("many.prefixes", "w");
	print_many(out);
	fclose(out);
	write_text("more.prefixes", "# not in the other\n10.73.62.0/28\n192.0.2.0/24\n");
	write_text("many.conf", EDGE
		   "partners = ( { name = \"contoso\", files = [ \"many.prefixes\" ] },\n"
		   "             { name = \"fabrikam\", files = [ \"more.prefixes\" ] } )\n");
	read_file("many.conf", &policy);
	assert_int_equal(policy.listed_count, 1 + MANY + 2);
	assert_int_equal(policy.listed[MANY].origin.line, MANY);
	assert_int_equal(policy.listed[MANY + 1].partner, 2);
	pim_policy_free(&policy);

	/* Line 1 has 10.0.0.0, line 2 what is 16 * 7919 behind it: the place named is
	 * the first that repeats, in the order of the files. */
	write_text("more.prefixes", "192.0.2.0/24\n10.0.0.0/28\n10.1.238.240/28\n");
	assert_string_equal(refusal_of("many.conf"),
			    "more.prefixes:2: expected a prefix under one partner only, found "
			    "\"10.0.0.0/28\" under \"fabrikam\" here and under \"contoso\" at "
			    "many.prefixes:1");
	write_text("more.prefixes", "192.0.2.0/24\n10.1.238.240/28\n10.0.0.0/28\n");
	assert_string_equal(refusal_of("many.conf"),
			    "more.prefixes:2: expected a prefix under one partner only, found "
			    "\"10.1.238.240/28\" under \"fabrikam\" here and under \"contoso\" at "
			    "many.prefixes:2");
}

static void bounds_lines_of_prefix_files(void **state)
{
	(void)state;
	write_text("long.conf", EDGE "clients = { files = [ \"long.prefixes\" ] }\n");
	for (unsigned int length = 255; length <= 258; length++) {
		for (unsigned int end = 0; end < 3; end++) {
			static const char *const ends[] = { "", "\n", "\r\n" };
			char line[300] = "192.0.2.1 #";
			struct pim_policy policy;

			memset(line + 11, 'x', length - 11);
			strcpy(line + length, ends[end]);
			write_text("long.prefixes", line);
			if (length <= 256) {
				read_file("long.conf", &policy);
				assert_int_equal(policy.listed_count, 2);
				pim_policy_free(&policy);
			} else {
				char expected[100];

				snprintf(expected, sizeof(expected),
					 "long.prefixes:1: expected at most 256 characters in a "
					 "line, found %u", length);
				assert_string_equal(refusal_of("long.conf"), expected);
			}
		}
	}
}

/* ---- kinds of files ---- */

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
	alarm(60); /* a FIFO without a writer would wait for ever */
	assert_string_equal(refusal_of("fifo"), "fifo: expected a readable file, found a FIFO");
	assert_string_equal(refusal(EDGE "block = { files = [ \"fifo\" ] }"),
			    "t.conf:2: expected a readable file at fifo, found a FIFO");
	assert_string_equal(refusal(EDGE "@include \"fifo\""),
			    "t.conf:2: expected a readable file at fifo, found a FIFO");
	alarm(0);
	assert_string_equal(refusal(EDGE "block = { files = [\n\"/dev/null\"\n] }"),
			    "t.conf:3: expected a readable file at /dev/null, found a device");
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

static void refuses_what_it_may_not_read(void **state)
{
	const char *found;

	(void)state;
	write_text("secret", EDGE);
	assert_int_equal(chmod("secret", 0), 0);
	write_text("t.conf", EDGE "block = { files = [ \"secret\" ] }");
	/* root may read everything: be somebody else meanwhile. */
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
		 "clients = { files = [ \"lists/a.prefixes\", \"%s\" ] }\n", absolute);
	write_text("etc/t.conf", text);
	read_file("etc/t.conf", &policy);
	assert_int_equal(policy.listed_count, 4);
	assert_string_equal(policy.files[policy.listed[1].origin.file].path, "etc/lists/a.prefixes");
	assert_string_equal(policy.files[policy.listed[2].origin.file].path, absolute);
	assert_string_equal(policy.files[policy.listed[3].origin.file].path, "etc/lists/a.prefixes");
	pim_policy_free(&policy);

	write_text("etc/lists/a.prefixes", "192.0.2.1\n192.0.2\n");
	assert_string_equal(refusal_of("etc/t.conf"),
			    "etc/lists/a.prefixes:2: expected an IPv4 or IPv6 address or prefix, "
			    "found \"192.0.2\" (IPv4 has four octets)");
	write_text("etc/lists/a.prefixes", "192.0.2.1\n");
	write_text("etc/part.inc", "block = 5\n");
	assert_string_equal(refusal_of("etc/t.conf"),
			    "etc/part.inc:1: expected a group { } for block, found the number 5");
}

static void keeps_messages_whole_with_long_names(void **state)
{
	char path[2048] = "", text[4096];
	const char *found;

	(void)state;
	/* The longest path, and the longest of everything else behind it. */
	for (int depth = 0; depth < 7; depth++) {
		memset(path + strlen(path), '\x01', 250);
		assert_int_equal(mkdir(path, 0755), 0);
		strcat(path, "/");
	}
	strcat(path, "end.conf");
	snprintf(text, sizeof(text),
		 EDGE "partners = ( { name = \"%s\" },\n{ name = \"%s\" } )",
		 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn",
		 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn");
	write_text(path, text);
	found = refusal_of(path);
	assert_non_null(strstr(found, "end.conf:3: expected a name no other partner has"));
	assert_true(!strcmp(found + strlen(found) - strlen("end.conf:2"), "end.conf:2"));
	assert_int_equal(strncmp(found, "...\\x01", 7), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_every_field),
		cmocka_unit_test(fills_defaults),
		cmocka_unit_test(reads_every_option_value),
		cmocka_unit_test(knows_every_line_in_any_layout),
		cmocka_unit_test(survives_a_cut_at_every_byte),
		cmocka_unit_test(survives_damage),
		cmocka_unit_test(bounds_the_rows),
		cmocka_unit_test(bounds_the_partners),
		cmocka_unit_test(reads_long_prefix_files),
		cmocka_unit_test(bounds_lines_of_prefix_files),
		cmocka_unit_test(refuses_what_is_no_file),
		cmocka_unit_test(returns_the_errno),
		cmocka_unit_test(refuses_what_it_may_not_read),
		cmocka_unit_test(finds_files_beside_the_configuration),
		cmocka_unit_test(keeps_messages_whole_with_long_names),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
