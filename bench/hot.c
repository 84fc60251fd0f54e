/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The same frame again and again, for every row and every outcome that default options allow. */
#include "bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "config/config.h"
#include "frames.h"
#include "image/read.h"
#include "kernel/judge.h"
#include "peers.h"
#include "say.h"

#include "empty.skel.h"

enum source { STRANGER, LISTED, FAILSAFE, BLOCKED, MARTIAN };

/* The ports are those of the row. Families: 4, 6, or 0 for both. */
struct hot_case {
	const char *name;
	enum pim_outcome expected;
	int row;
	enum source source;
	enum bench_oddity oddity;
	uint8_t family;
	/* Instead of the row's own: */
	uint8_t protocol, icmp_type;
	bool other_port, port_zero, not_edge;
};

/* clang-format off */
static const struct hot_case cases[] = {
#define PIM_ROW(id, row_name, ...) \
	{ .name = row_name, .expected = PIM_PASS_RULE, .row = PIM_ROW_##id, .source = LISTED },
#include <pimxdp/policy.def>
#undef PIM_ROW
	{ .name = "one VLAN tag", .expected = PIM_PASS_RULE, .row = PIM_ROW_SIP_TLS_IN,
	  .source = LISTED, .oddity = BENCH_ONE_TAG },
	{ .name = "two VLAN tags", .expected = PIM_PASS_RULE, .row = PIM_ROW_SIP_TLS_IN,
	  .source = LISTED, .oddity = BENCH_TWO_TAGS },
	{ .name = "failsafe", .expected = PIM_PASS_FAILSAFE, .row = PIM_ROW_SIP_TLS_IN,
	  .source = FAILSAFE },
	{ .name = "icmp", .expected = PIM_PASS_ICMP, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .protocol = IPPROTO_ICMP, .icmp_type = 8, .family = 4 },
	{ .name = "icmp", .expected = PIM_PASS_ICMP, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .protocol = IPPROTO_ICMPV6, .icmp_type = 128, .family = 6 },
	{ .name = "not-edge", .expected = PIM_PASS_NOT_EDGE, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .not_edge = true },
	{ .name = "arp", .expected = PIM_PASS_ARP, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_ARP, .family = 4 },
	{ .name = "non-ip", .expected = PIM_PASS_NON_IP, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_OTHER_ETHERTYPE, .family = 4 },
	{ .name = "role", .expected = PIM_DROP_ROLE, .row = PIM_ROW_SIP_TLS_IN, .source = STRANGER },
	{ .name = "role, UDP", .expected = PIM_DROP_ROLE, .row = PIM_ROW_STUN_IN,
	  .source = STRANGER },
	{ .name = "no-service", .expected = PIM_DROP_NO_SERVICE, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .other_port = true },
	{ .name = "blocked", .expected = PIM_DROP_BLOCKED, .row = PIM_ROW_SIP_TLS_IN,
	  .source = BLOCKED },
	{ .name = "martian", .expected = PIM_DROP_MARTIAN, .row = PIM_ROW_SIP_TLS_IN,
	  .source = MARTIAN },
	{ .name = "unsolicited", .expected = PIM_DROP_UNSOLICITED, .row = PIM_ROW_RTP_OUT,
	  .source = LISTED, .oddity = BENCH_BARE_SYN },
	{ .name = "stun-shape", .expected = PIM_DROP_STUN_SHAPE, .row = PIM_ROW_STUN_IN,
	  .source = LISTED, .oddity = BENCH_NO_SHAPE },
	{ .name = "fragment", .expected = PIM_DROP_FRAGMENT, .row = PIM_ROW_STUN_IN,
	  .source = STRANGER, .oddity = BENCH_FRAGMENT },
	{ .name = "ip-options", .expected = PIM_DROP_IP_OPTIONS, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_OPTIONS, .family = 4 },
	{ .name = "ipv6-ext", .expected = PIM_DROP_IPV6_EXT, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_OPTIONS, .family = 6 },
	{ .name = "tcp-flags", .expected = PIM_DROP_TCP_FLAGS, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_NO_FLAGS },
	{ .name = "port-zero", .expected = PIM_DROP_PORT_ZERO, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .port_zero = true },
	{ .name = "protocol", .expected = PIM_DROP_PROTOCOL, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .protocol = IPPROTO_GRE },
	{ .name = "icmp-type", .expected = PIM_DROP_ICMP_TYPE, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .protocol = IPPROTO_ICMP, .icmp_type = 5, .family = 4 },
	{ .name = "icmp-type", .expected = PIM_DROP_ICMP_TYPE, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .protocol = IPPROTO_ICMPV6, .icmp_type = 200, .family = 6 },
	{ .name = "truncated", .expected = PIM_DROP_TRUNCATED, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_CUT },
	{ .name = "malformed", .expected = PIM_DROP_MALFORMED, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_CONTRADICTION },
	{ .name = "vlan-depth", .expected = PIM_DROP_VLAN_DEPTH, .row = PIM_ROW_SIP_TLS_IN,
	  .source = STRANGER, .oddity = BENCH_THREE_TAGS },
};
/* clang-format on */

struct hot {
	struct pim_policy policy;
	struct pim_image image;
	struct pim_filter *filter, *judge; /* the same program; `judge` with tracing */
	struct empty_bpf *empty;
	/* xdp-filter, NULL if it is not installed. `strange` lists no source of a
	 * frame. */
	struct bpf_object *by_address, *by_port, *strange;
	uint64_t state;
	struct pim_prefix sources[BENCH_ROUNDS_MAX][2][1 << PIM_ROLES]; /* found when needed */
};

/* ---- xdp-filter ---- */

/* Lists as many addresses as the lists of the configuration have prefixes. */
static void xdp_filter_fill(struct hot *hot)
{
	for (int i = 0; i < 1000; i++) {
		struct pim_prefix four = bench_anywhere(PIM_IPV4, &hot->state);
		struct pim_prefix six = bench_anywhere(PIM_IPV6, &hot->state);

		bench_xdp_filter_address(hot->by_address, &four);
		bench_xdp_filter_address(hot->by_address, &six);
		bench_xdp_filter_address(hot->strange, &four);
		bench_xdp_filter_address(hot->strange, &six);
	}
	for (int i = 0; i < PIM_BUILTIN_ROWS; i++)
		bench_xdp_filter_port(hot->by_port, hot->policy.rows[i].ranges[0].low);
}

/* ---- frames ---- */

/* A random address with exactly these roles; inside a listed prefix, unless `roles` is 0. */
static struct pim_prefix find_source(struct hot *hot, uint8_t family, uint16_t roles)
{
	for (int tries = 0; tries < 1000000; tries++) {
		struct pim_prefix host = bench_anywhere(family, &hot->state);

		if (roles) {
			const struct pim_listed *listed =
				&hot->policy.listed[pim_splitmix64(&hot->state) %
						    hot->policy.listed_count];

			if (listed->prefix.family != family || listed->roles != roles)
				continue;
			host = bench_inside(&listed->prefix, &hot->state);
		}
		if (pim_addresses_look_up(hot->image.addresses.words, &host).roles == roles)
			return host;
	}
	bench_die("the lists have no address with the roles 0x%x alone", roles);
}

/* Each round has its own source, since some addresses are found sooner than others. All
 * frames of a round have the same one, so that they can be compared with each other. */
static struct pim_prefix source_of(struct hot *hot, uint8_t family, unsigned int round,
				   uint16_t roles)
{
	struct pim_prefix *known = &hot->sources[round][family == PIM_IPV6][roles];

	if (!known->family)
		*known = find_source(hot, family, roles);
	return *known;
}

static struct pim_prefix find_edge(const struct hot *hot, uint8_t family, uint16_t role)
{
	for (size_t i = 0; i < hot->policy.listed_count; i++)
		if (hot->policy.listed[i].prefix.family == family &&
		    hot->policy.listed[i].roles & role)
			return hot->policy.listed[i].prefix;
	bench_die("the configuration has no edge address of IPv%u", family);
}

static void make_frame(struct hot *hot, const struct hot_case *one, uint8_t family,
		       unsigned int round, struct bench_recipe *recipe, struct bench_frame *frame)
{
	const struct pim_row *row = &hot->policy.rows[one->row];
	const uint16_t port = one->other_port ? 9 : row->ranges[0].low;
	const uint16_t ephemeral = one->port_zero ? 0 : 33333;
	struct pim_error error;

	*recipe = (struct bench_recipe){
		.destination = one->not_edge ? find_source(hot, family, 0) :
					       find_edge(hot, family, row->edge_role),
		.protocol = one->protocol	      ? one->protocol :
			    row->transport == PIM_TCP ? IPPROTO_TCP :
							IPPROTO_UDP,
		.source_port = row->direction == PIM_IN ? ephemeral : port,
		.destination_port = row->direction == PIM_IN ? port : ephemeral,
		.icmp_type = one->icmp_type,
		.oddity = one->oddity,
	};
	switch (one->source) {
	case MARTIAN:
		pim_prefix_parse(family == PIM_IPV4 ? "127.1.2.3" : "ff02::77", &recipe->source,
				 &error);
		break;
	case LISTED:
		recipe->source = source_of(hot, family, round, row->peer_role);
		break;
	case FAILSAFE:
		recipe->source = source_of(hot, family, round, PIM_ROLE_FAILSAFE);
		break;
	case BLOCKED:
		recipe->source = source_of(hot, family, round, PIM_ROLE_BLOCK);
		break;
	default:
		recipe->source = source_of(hot, family, round, 0);
	}
	bench_frame_build(recipe, frame);
}

/* ---- measuring ---- */

static void judge(struct hot *hot, const struct hot_case *one, const struct bench_frame *frame)
{
	struct pim_decision decision;
	struct pim_error error;
	bool passed;

	if (pim_filter_judge(hot->judge, frame->bytes, frame->length, &decision, &passed, &error))
		bench_die("%s", error.text);
	if (decision.outcome != one->expected ||
	    (decision.outcome == PIM_PASS_RULE &&
	     strcmp(hot->image.names.rules[decision.rule].rule, hot->policy.rows[one->row].name)))
		bench_die("the frame for '%s' ended in %s %s", one->name,
			  pim_verdict_name(pim_outcome_verdict(decision.outcome)),
			  pim_outcome_reason(decision.outcome));
}

static json_t *measure(struct hot *hot, const struct hot_case *one, uint8_t family,
		       const struct bench_effort *effort)
{
	const bool passes = pim_outcome_verdict(one->expected) == PIM_PASS;
	/* clang-format off */
	struct bench_subject subjects[4] = {
		{ .name = "empty", .program = bpf_program__fd(passes ? hot->empty->progs.pass_all :
								       hot->empty->progs.drop_all) },
		{ .name = "ours", .program = -1, .filter = hot->filter },
	};
	/* clang-format on */
	size_t count = 2;
	struct bench_recipe recipe;
	struct bench_frame frame;
	json_t *row, *peers = json_object();

	if (hot->strange && one->expected == PIM_PASS_RULE) {
		subjects[count++] =
			(struct bench_subject){ .name = "xdp-filter, by port",
						.program = bench_xdp_filter_program(hot->by_port) };
		subjects[count++] = (struct bench_subject){ .name = "xdp-filter, by address",
							    .program = bench_xdp_filter_program(
								    hot->by_address) };
	} else if (hot->strange && !passes && one->expected != PIM_DROP_VLAN_DEPTH) {
		subjects[count++] =
			(struct bench_subject){ .name = "xdp-filter",
						.program = bench_xdp_filter_program(hot->strange) };
	}
	for (size_t i = 0; i < count; i++)
		subjects[i].expected_ns = 40;
	for (unsigned int round = 0; round < effort->rounds; round++) {
		make_frame(hot, one, family, round, &recipe, &frame);
		judge(hot, one, &frame);
		if (count == 4)
			bench_xdp_filter_address(hot->by_address, &recipe.source);
		bench_round(subjects, count, effort, round, frame.bytes, frame.length);
		/* Compare equal verdicts only. (xdp-filter never passes a malformed frame, and
		 * returns XDP_ABORTED for some.) */
		for (size_t i = 2; i < count; i++)
			if ((subjects[i].action == 2) != passes)
				bench_die("%s ended in action %u on the frame for '%s'",
					  subjects[i].name, subjects[i].action, one->name);
	}
	/* clang-format off */
	row = json_pack("{s:s, s:s, s:i, s:i, s:o, s:o, s:o}", "scenario", one->name, "verdict",
			passes ? "pass" : "drop", "family", family, "frame_bytes", frame.length + 4,
			"empty", bench_summary(subjects[0].rounds_ns, NULL, 1, effort),
			"ours", bench_summary(subjects[1].rounds_ns, NULL, 1, effort), "peers", peers);
	/* clang-format on */
	for (size_t i = 2; i < count; i++)
		json_object_set_new(peers, subjects[i].name,
				    bench_summary(subjects[i].rounds_ns, NULL, 1, effort));
	return row;
}

json_t *bench_hot(int count, char **arguments, const struct bench_effort *effort)
{
	static struct hot hot = { .state = 20 };
	struct pim_program_size size;
	json_t *rows = json_array();
	struct pim_error error = {};

	if (count != 1)
		bench_die("hot: expected one configuration");
	if (pim_config_read(arguments[0], &hot.policy, &error) ||
	    pim_compile(&hot.policy, NULL, &hot.image, &error) ||
	    pim_filter_load(&hot.image, NULL, 0, &hot.filter, &error) ||
	    pim_filter_load(&hot.image, NULL, PIM_LOAD_TRACE, &hot.judge, &error) ||
	    pim_filter_size(hot.filter, &size, &error))
		bench_die("%s", error.text);
	hot.empty = empty_bpf__open_and_load();
	if (!hot.empty)
		bench_die("the empty programs do not load: %s", strerror(errno));
	hot.by_address = bench_xdp_filter_open();
	hot.by_port = bench_xdp_filter_open();
	hot.strange = bench_xdp_filter_open();
	if (hot.by_address)
		xdp_filter_fill(&hot);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (uint8_t family = 4; family <= 6; family += 2) {
			if (cases[i].family && cases[i].family != family)
				continue;
			bench_waiting("hot: %s, IPv%u", cases[i].name, family);
			json_array_append_new(rows, measure(&hot, &cases[i], family, effort));
		}
	pim_filter_free(hot.filter);
	pim_filter_free(hot.judge);
	empty_bpf__destroy(hot.empty);
	bpf_object__close(hot.by_address);
	bpf_object__close(hot.by_port);
	bpf_object__close(hot.strange);
	pim_image_free(&hot.image);
	pim_policy_free(&hot.policy);
	return json_pack("{s:o, s:{s:i, s:i}}", "rows", rows, "program", "verified_instructions",
			 size.verified_instructions, "jited_bytes", size.jited_bytes);
}
