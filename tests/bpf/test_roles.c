/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an address is: the union of the roles of all prefixes that contain it, and the
 * partner that is charged. By hand, and at random against a linear search of the list.
 */
#include "harness.h"
#include "payloads.h"

/* One packet for each peer role: it passes from a source with that role. */
struct probe {
	enum pim_role peers, edge;
	uint8_t protocol;
	uint16_t port;
	const char *rule;
};
static const struct probe probes[] = {
	{ PIM_ROLE_PARTNER, PIM_ROLE_ACCESS, FRAME_TCP, 5061, "sip-mtls-in" },
	{ PIM_ROLE_CLIENT, PIM_ROLE_ACCESS, FRAME_TCP, 443, "sip-tls-in" },
	{ PIM_ROLE_MESSENGER, PIM_ROLE_AV, FRAME_UDP, 3478, "stun-in" },
};

/* The Edge address that it is sent to. */
static const char *edge_of(const struct probe *probe, uint8_t family)
{
	if (probe->edge == PIM_ROLE_AV)
		return family == 4 ? EDGE_AV : EDGE_AV6;
	return family == 4 ? EDGE_ACCESS : EDGE_ACCESS6;
}

static bool probe_address(struct judge *judge, const struct probe *probe, const char *source,
			  const char *destination, const char *verdict)
{
	static struct frame frame;
	struct frame_recipe recipe = {
		.source = source,
		.destination = destination,
		.protocol = probe->protocol,
		.source_port = 40000,
		.destination_port = probe->port,
		.flags = FRAME_SYN,
		.payload = binding,
		.payload_bytes = sizeof(binding),
	};
	char expected[JUDGE_TEXT];

	if (!strcmp(verdict, "pass rule") || !strcmp(verdict, "drop role"))
		snprintf(expected, sizeof(expected), "%s %s forward", verdict, probe->rule);
	else
		snprintf(expected, sizeof(expected), "%s", verdict);
	frame_build(&recipe, &frame);
	return judge_expect(judge, &frame, expected, "%s to %s for %s", source, destination,
			    probe->rule);
}

/* ---- by hand ---- */

struct address_case {
	const char *source;
	const char *partner, *client, *messenger; /* verdicts of the three probes */
	const char *charged;			  /* where the first passes */
};
#define YES "pass rule"
#define NO "drop role"

static void probe_sources(struct judge *judge, const struct address_case *cases, size_t count)
{
	for (size_t at = 0; at < count; at++) {
		const char *const verdicts[] = { cases[at].partner, cases[at].client,
						 cases[at].messenger };

		for (size_t probe = 0; probe < COUNT(probes); probe++) {
			uint8_t family = strchr(cases[at].source, ':') ? 6 : 4;

			if (!probe_address(judge, &probes[probe], cases[at].source,
					   edge_of(&probes[probe], family), verdicts[probe]) ||
			    strcmp(verdicts[probe], YES))
				continue;
			if (strcmp(judge_partner(judge), cases[at].charged)) {
				print_error("%s: expected \"%s\" to be charged, found \"%s\"\n",
					    cases[at].source, cases[at].charged,
					    judge_partner(judge));
				judge->failed++;
			}
		}
	}
}

#define EDGE                                                               \
	"edge = { access = [ \"" EDGE_ACCESS "\", \"" EDGE_ACCESS6 "\" ] " \
	"av = [ \"" EDGE_AV "\", \"" EDGE_AV6 "\" ] }\n"

static void joins_roles(void **state)
{
	static const struct address_case cases[] = {
		/* partner 10/8, client 10.1/16, messenger 10.1.1.1, nested */
		{ "9.255.255.255", NO, NO, NO, "" },
		{ "10.0.0.0", YES, NO, NO, "wide" },
		{ "10.1.0.0", YES, YES, NO, "wide" },
		{ "10.1.1.0", YES, YES, NO, "wide" },
		{ "10.1.1.1", YES, YES, YES, "wide" },
		{ "10.1.1.2", YES, YES, NO, "wide" },
		{ "10.1.255.255", YES, YES, NO, "wide" },
		{ "10.2.0.0", YES, NO, NO, "wide" },
		{ "10.255.255.255", YES, NO, NO, "wide" },
		{ "11.0.0.0", NO, NO, NO, "" },
		/* the reverse: the widest prefix is the Messenger clients' */
		{ "20.0.0.1", NO, NO, YES, "" },
		{ "20.1.0.1", NO, YES, YES, "" },
		{ "20.1.1.1", YES, YES, YES, "narrow" },
		/* one prefix, three roles */
		{ "30.0.0.1", YES, YES, YES, "narrow" },
		/* block and failsafe at any depth */
		{ "10.3.0.1", "drop blocked", "drop blocked", "drop blocked", "" },
		{ "10.3.3.1", "pass failsafe", "pass failsafe", "pass failsafe", "" },
		{ "40.0.0.1", "pass failsafe", "pass failsafe", "pass failsafe", "" },
		{ "40.4.0.1", "pass failsafe", "pass failsafe", "pass failsafe", "" },
		{ "50.0.0.1", "drop blocked", "drop blocked", "drop blocked", "" },
		{ "50.5.0.1", "drop blocked", "drop blocked", "drop blocked", "" },
		/* halves of the space, and a single address */
		{ "128.0.0.0", NO, NO, YES, "" },
		{ "191.255.255.255", NO, NO, YES, "" },
		{ "192.0.0.0", NO, NO, NO, "" },
		{ "223.255.255.255", NO, YES, NO, "" },
		{ "223.255.255.254", NO, NO, NO, "" },
		{ "2001:db8:1::", YES, NO, NO, "wide" },
		{ "2001:db8:1:1::", YES, YES, NO, "wide" },
		{ "2001:db8:1:1::1", YES, YES, YES, "wide" },
		{ "2001:db8:1:1::2", YES, YES, NO, "wide" },
		{ "2001:db8:2::", NO, NO, NO, "" },
		{ "2001:db8:0:ffff:ffff:ffff:ffff:ffff", NO, NO, NO, "" },
		{ "8000::", NO, NO, YES, "" },
		{ "7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NO, NO, NO, "" },
		{ "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NO, NO, YES, "" },
	};
	struct judge judge;

	(void)state;
	judge_open(
		&judge, "%s",
		EDGE
		"partners = ( { name = \"wide\" addresses = [ \"10.0.0.0/8\", \"2001:db8:1::/48\", \"50.5.0.0/16\" ] }, "
		"{ name = \"narrow\" addresses = [ \"20.1.1.1\", \"30.0.0.0/24\", \"40.4.0.1\" ] } )\n"
		"clients = { addresses = [ \"10.1.0.0/16\", \"20.1.0.0/16\", \"30.0.0.0/24\", \"2001:db8:1:1::/64\", \"223.255.255.255/32\" ] }\n"
		"messenger = { addresses = [ \"10.1.1.1\", \"20.0.0.0/8\", \"30.0.0.0/24\", \"128.0.0.0/2\", \"2001:db8:1:1::1/128\", \"8000::/1\" ] }\n"
		"block = { addresses = [ \"10.3.0.0/16\", \"40.4.0.0/16\", \"50.0.0.0/8\" ] }\n"
		"failsafe = { addresses = [ \"10.3.3.0/24\", \"40.0.0.0/8\" ] }\n");
	probe_sources(&judge, cases, COUNT(cases));
	judge_close(&judge);
}

static void charges_the_longest_partner_prefix(void **state)
{
	static const struct address_case cases[] = {
		{ "10.0.0.1", YES, NO, NO, "eight" },
		{ "10.1.0.1", YES, NO, NO, "sixteen" },
		{ "10.1.1.1", YES, NO, NO, "twenty-four" },
		{ "10.1.1.2", YES, NO, NO, "host" },
		{ "10.1.1.3", YES, NO, NO, "twenty-four" },
		{ "10.1.2.1", YES, NO, NO, "sixteen" },
		/* a longer prefix of another role does not change who is charged */
		{ "10.2.0.1", YES, YES, NO, "eight" },
		{ "10.2.2.1", YES, YES, YES, "eight" },
		{ "10.2.2.2", YES, YES, YES, "host" },
		/* the same partner twice, with another in between */
		{ "10.1.1.129", YES, NO, NO, "eight" },
		{ "2001:db8:1::1", YES, NO, NO, "eight" },
		{ "2001:db8:1:1::1", YES, NO, NO, "sixteen" },
		{ "2001:db8:1:1::2", YES, YES, NO, "host" },
		{ "2001:db8:1:1::3", YES, NO, NO, "sixteen" },
		/* not a partner: nobody is charged */
		{ "11.0.0.1", NO, YES, NO, "" },
	};
	struct judge judge;

	(void)state;
	judge_open(
		&judge, "%s",
		EDGE
		"partners = ( { name = \"host\" addresses = [ \"10.1.1.2\", \"10.2.2.2\", \"2001:db8:1:1::2\" ] }, "
		"{ name = \"sixteen\" addresses = [ \"10.1.0.0/16\", \"2001:db8:1:1::/64\" ] }, "
		"{ name = \"eight\" addresses = [ \"10.0.0.0/8\", \"10.1.1.128/25\", \"2001:db8:1::/48\" ] }, "
		"{ name = \"twenty-four\" addresses = [ \"10.1.1.0/24\" ] } )\n"
		"clients = { addresses = [ \"10.2.0.0/16\", \"11.0.0.0/8\", \"2001:db8:1:1::2/128\" ] }\n"
		"messenger = { addresses = [ \"10.2.2.0/24\" ] }\n");
	probe_sources(&judge, cases, COUNT(cases));
	judge_close(&judge);
}

static void knows_everybody(void **state)
{
	static const struct address_case cases[] = {
		{ "1.0.0.0", NO, YES, YES, "" },
		{ "126.255.255.255", NO, YES, YES, "" },
		{ "223.255.255.255", NO, YES, YES, "" },
		{ "203.0.113.1", YES, YES, YES, "contoso" },
		{ "0.0.0.1", "drop martian", "drop martian", "drop martian", "" },
		{ "224.0.0.1", "drop martian", "drop martian", "drop martian", "" },
		{ EDGE_AV, "drop martian", "drop martian", "drop martian", "" },
		{ "10.6.6.6", "drop blocked", "drop blocked", "drop blocked", "" },
		{ "::2", NO, YES, YES, "" },
		{ "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NO, YES, YES, "" },
		{ "2001:db8:c0de::1", YES, YES, YES, "contoso" },
		{ "::", "drop martian", "drop martian", "drop martian", "" },
		{ "::1", "drop martian", "drop martian", "drop martian", "" },
		{ "ff02::1", "drop martian", "drop martian", "drop martian", "" },
		{ "::ffff:203.0.113.1", "drop martian", "drop martian", "drop martian", "" },
		{ EDGE_AV6, "drop martian", "drop martian", "drop martian", "" },
	};
	struct judge judge;

	(void)state;
	judge_open(
		&judge, "%s",
		EDGE
		"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\", \"2001:db8:c0de::/48\" ] } )\n"
		"clients = { addresses = [ \"0.0.0.0/0\", \"::/0\" ] }\n"
		"block = { addresses = [ \"10.6.6.6\" ] }\n");
	probe_sources(&judge, cases, COUNT(cases));
	judge_close(&judge);
}

/* What a missing group defaults to, and that an empty one means nobody. */
static void fills_in_the_defaults(void **state)
{
	static const struct {
		const char *messenger; /* its group */
		struct address_case client, messenger_host;
	} defaults[] = {
		{ "", { "192.0.2.1", NO, YES, YES, "" }, { "100.64.0.1", NO, NO, NO, "" } },
		{ "messenger = { addresses = [ \"100.64.0.0/24\" ] }",
		  { "192.0.2.1", NO, YES, NO, "" },
		  { "100.64.0.1", NO, NO, YES, "" } },
		{ "messenger = { }",
		  { "192.0.2.1", NO, YES, NO, "" },
		  { "100.64.0.1", NO, NO, NO, "" } },
	};
	/* An address of the Edge, with and without an edge.av that names others. */
	static const struct {
		const char *av, *access_sip, *access_stun, *av_sip, *av_stun;
	} edges[] = {
		{ "", YES, YES, "pass not-edge", "pass not-edge" },
		{ "av = [ \"" EDGE_AV "\" ]", YES, "drop no-service", "drop no-service", YES },
		{ "av = [ \"" EDGE_AV "\", \"" EDGE_ACCESS "\" ]", YES, YES, "drop no-service",
		  YES },
		{ "av = [ \"198.51.100.0/24\" ]", YES, YES, "drop no-service", YES },
	};
	struct judge judge;

	(void)state;
	for (size_t at = 0; at < COUNT(defaults); at++) {
		judge_open(&judge, EDGE "clients = { addresses = [ \"192.0.2.0/24\" ] }\n%s",
			   defaults[at].messenger);
		probe_sources(&judge, &defaults[at].client, 1);
		probe_sources(&judge, &defaults[at].messenger_host, 1);
		judge_close(&judge);
	}
	for (size_t at = 0; at < COUNT(edges); at++) {
		judge_open(
			&judge,
			"edge = { access = [ \"" EDGE_ACCESS "\" ] %s }\n"
			"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\" ] } )\n"
			"messenger = { addresses = [ \"203.0.113.0/24\" ] }\n",
			edges[at].av);
		probe_address(&judge, &probes[0], PARTNER, EDGE_ACCESS, edges[at].access_sip);
		probe_address(&judge, &probes[2], PARTNER, EDGE_ACCESS, edges[at].access_stun);
		probe_address(&judge, &probes[0], PARTNER, EDGE_AV, edges[at].av_sip);
		probe_address(&judge, &probes[2], PARTNER, EDGE_AV, edges[at].av_stun);
		judge_close(&judge);
	}
}

/* The Edge may have any number of addresses, of either family or of both. */
static void knows_any_number_of_edges(void **state)
{
	static const unsigned int numbers[][2] = {
		/* IPv4, IPv6 */
		{ 1, 0 }, { 0, 1 }, { 1, 12 }, { 3, 5 },
		{ 4, 4 }, { 5, 3 }, { 12, 1 }, { 300, 300 },
	};
	static char list[32768];
	struct judge judge;
	char address[32];

	(void)state;
	for (size_t at = 0; at < COUNT(numbers); at++) {
		char *end = list;

		for (unsigned int host = 1; host <= numbers[at][0]; host++)
			end += sprintf(end, "\"198.18.%u.%u\", ", host >> 8, host & 255);
		for (unsigned int host = 1; host <= numbers[at][1]; host++)
			end += sprintf(end, "\"2001:db8:18::%x\", ", host);
		end[-2] = '\0';
		judge_open(&judge,
			   "edge = { access = [ %s ] }\n"
			   "partners = ( { name = \"contoso\" addresses = [ \"" PARTNER
			   "\", \"" PARTNER6 "\" ] } )\n",
			   list);
		for (unsigned int host = 0; host < 320; host++) {
			snprintf(address, sizeof(address), "198.18.%u.%u", host >> 8, host & 255);
			probe_address(&judge, &probes[0], PARTNER, address,
				      host && host <= numbers[at][0] ? YES : "pass not-edge");
			snprintf(address, sizeof(address), "2001:db8:18::%x", host);
			probe_address(&judge, &probes[0], PARTNER6, address,
				      host && host <= numbers[at][1] ? YES : "pass not-edge");
		}
		probe_address(&judge, &probes[0], PARTNER, "0.0.0.0", "pass not-edge");
		probe_address(&judge, &probes[0], PARTNER6, "::", "pass not-edge");
		judge_close(&judge);
	}
}

/* ---- at random ---- */

#define PREFIXES 2000
#define PARTNERS 40
/* Not random: sources with all peer roles. The Edge's addresses are known, too. */
#define KNOWN_PEER "203.0.113.1"
#define KNOWN_PEER6 "2001:db9::1"

struct listed {
	uint8_t address[16];
	uint8_t family;
	unsigned int bits;
	enum pim_role role;
	unsigned int partner;
};

static struct listed list[PREFIXES];

static bool contains(const struct listed *listed, uint8_t family, const uint8_t address[16])
{
	if (listed->family != family)
		return false;
	for (unsigned int bit = 0; bit < listed->bits; bit++)
		if ((listed->address[bit / 8] ^ address[bit / 8]) & 0x80 >> bit % 8)
			return false;
	return true;
}

static unsigned int roles_of(uint8_t family, const uint8_t address[16],
			     const struct listed **charged)
{
	unsigned int roles = 0;

	*charged = NULL;
	for (size_t at = 0; at < PREFIXES; at++) {
		if (!contains(&list[at], family, address))
			continue;
		roles |= list[at].role;
		if (list[at].role == PIM_ROLE_PARTNER &&
		    (!*charged || list[at].bits > (*charged)->bits))
			*charged = &list[at];
	}
	return roles;
}

static const char *text_of(uint8_t family, const uint8_t address[16], char text[PIM_PREFIX_TEXT])
{
	struct pim_prefix prefix = { .family = family, .length = family == 4 ? 32 : 128 };

	memcpy(prefix.address, address, 16);
	return pim_prefix_format(&prefix, false, text);
}

enum spread {
	NESTED, /* few distinct bytes, so that prefixes nest and meet */
	WIDE,	/* any bytes */
	DENSE,	/* any bytes, in the last two only */
};

static uint8_t random_byte(uint64_t *random, enum spread spread, unsigned int at, unsigned int end)
{
	static const uint8_t few[] = { 0, 1, 2, 127, 128, 255 };

	if (spread == WIDE || (spread == DENSE && at >= end - 2))
		return (uint8_t)pim_splitmix64(random);
	if (spread == DENSE || (at >= 8 && at < end - 2))
		return 0;
	return few[random_from(random, COUNT(few))];
}

static void random_prefix(uint64_t *random, enum spread spread, struct listed *listed)
{
	static const enum pim_role roles[] = {
		PIM_ROLE_PARTNER, PIM_ROLE_PARTNER,  PIM_ROLE_PARTNER,	 PIM_ROLE_PARTNER,
		PIM_ROLE_CLIENT,  PIM_ROLE_CLIENT,   PIM_ROLE_MESSENGER, PIM_ROLE_MESSENGER,
		PIM_ROLE_BLOCK,	  PIM_ROLE_FAILSAFE, PIM_ROLE_ACCESS,	 PIM_ROLE_AV,
	};
	unsigned int most, least, end;

	*listed = (struct listed){
		.family = random_from(random, 2) ? 4 : 6,
		.role = roles[random_from(random, COUNT(roles))],
		.partner = random_from(random, PARTNERS),
	};
	most = listed->family == 4 ? 32 : 128;
	least = spread == DENSE ? most - 12 : listed->family == 4 ? 8 : 32;
	if (listed->role & ~PIM_PEER_ANY) /* otherwise everything would be blocked, or the Edge's */
		least = most - 10;
	listed->bits = least + random_from(random, most - least + 1);
	if (random_from(random, 4) == 0)
		listed->bits = most;
	memcpy(listed->address, listed->family == 4 ? "\x0a" : "\x20\x01\x0d\xb8",
	       listed->family == 4 ? 1 : 4);
	end = most / 8;
	for (unsigned int at = listed->family == 4 ? 1 : 4; at < end; at++)
		listed->address[at] = random_byte(random, spread, at, end);
	for (unsigned int bit = listed->bits; bit < most; bit++)
		listed->address[bit / 8] &= ~(0x80 >> bit % 8);
}

/* One prefix under two partners is an error of the configuration. */
static bool is_taken(size_t count, const struct listed *listed)
{
	for (size_t at = 0; at < count; at++)
		if (list[at].role == PIM_ROLE_PARTNER && list[at].family == listed->family &&
		    list[at].bits == listed->bits && !memcmp(list[at].address, listed->address, 16))
			return true;
	return false;
}

static void print_role(FILE *file, enum pim_role role, unsigned int partner)
{
	const char *separator = "";
	char text[PIM_PREFIX_TEXT];

	for (size_t at = 0; at < PREFIXES; at++) {
		if (list[at].role != role ||
		    (role == PIM_ROLE_PARTNER && list[at].partner != partner))
			continue;
		fprintf(file, "%s\"%s/%u\"", separator,
			text_of(list[at].family, list[at].address, text), list[at].bits);
		separator = ", ";
	}
}

static void print_group(FILE *file, const char *name, enum pim_role role, const char *known)
{
	fprintf(file, "%s = { addresses = [ %s", name, known);
	print_role(file, role, 0);
	fprintf(file, " ] }\n");
}

static char *print_policy(void)
{
	char *text = NULL;
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);

	assert_non_null(file);
	fprintf(file, "edge = { access = ( \"" EDGE_ACCESS "\", \"" EDGE_ACCESS6 "\", ");
	print_role(file, PIM_ROLE_ACCESS, 0);
	fprintf(file, ")\nav = ( \"" EDGE_AV "\", \"" EDGE_AV6 "\", ");
	print_role(file, PIM_ROLE_AV, 0);
	fprintf(file, ") }\npartners = ( { name = \"known\" addresses = [ \"" KNOWN_PEER
		      "\", \"" KNOWN_PEER6 "\" ] }");
	for (unsigned int partner = 0; partner < PARTNERS; partner++) {
		fprintf(file, ",\n{ name = \"partner-%u\" addresses = ( ", partner);
		print_role(file, PIM_ROLE_PARTNER, partner);
		fprintf(file, " ) }");
	}
	fprintf(file, " )\n");
	print_group(file, "clients", PIM_ROLE_CLIENT, "\"" KNOWN_PEER "\", \"" KNOWN_PEER6 "\", ");
	print_group(file, "messenger", PIM_ROLE_MESSENGER,
		    "\"" KNOWN_PEER "\", \"" KNOWN_PEER6 "\", ");
	print_group(file, "block", PIM_ROLE_BLOCK, "");
	print_group(file, "failsafe", PIM_ROLE_FAILSAFE, "");
	assert_int_equal(fclose(file), 0);
	return text;
}

static void probe_as_source(struct judge *judge, uint8_t family, const uint8_t address[16])
{
	const struct listed *charged;
	unsigned int roles = roles_of(family, address, &charged);
	char text[PIM_PREFIX_TEXT], name[PIM_PARTNER_NAME];

	text_of(family, address, text);
	for (size_t at = 0; at < COUNT(probes); at++) {
		const char *verdict = roles & PIM_EDGE_ANY	? "drop martian" :
				      roles & PIM_ROLE_FAILSAFE ? "pass failsafe" :
				      roles & PIM_ROLE_BLOCK	? "drop blocked" :
				      roles & probes[at].peers	? YES :
								  NO;

		if (!probe_address(judge, &probes[at], text, edge_of(&probes[at], family),
				   verdict) ||
		    strcmp(verdict, YES))
			continue;
		snprintf(name, sizeof(name), "partner-%u", charged ? charged->partner : 0);
		if (strcmp(judge_partner(judge), charged ? name : "")) {
			print_error("%s: expected \"%s\" to be charged, found \"%s\"\n", text,
				    charged ? name : "", judge_partner(judge));
			judge->failed++;
		}
	}
}

static void probe_as_destination(struct judge *judge, uint8_t family, const uint8_t address[16])
{
	const struct listed *charged;
	unsigned int roles = roles_of(family, address, &charged);
	char text[PIM_PREFIX_TEXT];

	text_of(family, address, text);
	for (size_t at = 0; at < COUNT(probes); at++)
		probe_address(judge, &probes[at], family == 4 ? KNOWN_PEER : KNOWN_PEER6, text,
			      roles & probes[at].edge ? YES :
			      roles & PIM_EDGE_ANY    ? "drop no-service" :
							"pass not-edge");
}

/* The addresses at and around both ends of a prefix, and one inside. */
static void probe_prefix(struct judge *judge, uint64_t *random, const struct listed *listed)
{
	unsigned int most = listed->family == 4 ? 32 : 128, bytes = most / 8;

	for (int which = 0; which < 5; which++) {
		uint8_t address[16];

		if (random_from(random, 2))
			continue; /* PREFIXES are enough for all five */
		memcpy(address, listed->address, 16);
		for (unsigned int bit = listed->bits; bit < most; bit++)
			if (which == 1 || which == 3 || (which == 4 && random_from(random, 2)))
				address[bit / 8] |= 0x80 >> bit % 8;
		if (which == 2) /* the one before */
			for (unsigned int at = bytes; at-- && !address[at]--;)
				;
		if (which == 3) /* the one after */
			for (unsigned int at = bytes; at-- && !++address[at];)
				;
		probe_as_source(judge, listed->family, address);
		probe_as_destination(judge, listed->family, address);
	}
}

static void find_random_prefixes(const char *name, enum spread spread)
{
	uint64_t random = random_seed(name);
	struct judge judge;
	char *text;

	for (size_t count = 0; count < PREFIXES;) {
		random_prefix(&random, spread, &list[count]);
		if (list[count].role != PIM_ROLE_PARTNER || !is_taken(count, &list[count]))
			count++;
	}
	text = print_policy();
	judge_open(&judge, "%s", text);
	free(text);
	for (size_t at = 0; at < PREFIXES; at++)
		probe_prefix(&judge, &random, &list[at]);
	judge_close(&judge);
}

static void finds_nested_prefixes(void **state)
{
	(void)state;
	find_random_prefixes("finds_nested_prefixes", NESTED);
}

static void finds_wide_prefixes(void **state)
{
	(void)state;
	find_random_prefixes("finds_wide_prefixes", WIDE);
}

static void finds_dense_prefixes(void **state)
{
	(void)state;
	find_random_prefixes("finds_dense_prefixes", DENSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_roles),
		cmocka_unit_test(charges_the_longest_partner_prefix),
		cmocka_unit_test(knows_everybody),
		cmocka_unit_test(fills_in_the_defaults),
		cmocka_unit_test(knows_any_number_of_edges),
		cmocka_unit_test(finds_nested_prefixes),
		cmocka_unit_test(finds_wide_prefixes),
		cmocka_unit_test(finds_dense_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
