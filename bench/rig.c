/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rate rig: sends frames over veth pairs as fast as one CPU can make and judge them, and
 * storms for the tests. */
#include "rig.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>

#include "bench.h"
#include "config/config.h"
#include "peers.h"
#include "say.h"

#include "empty.skel.h"
#include "lookup.skel.h"

/* Frames to send before the receiver's turn, as in drivers. */
#define BATCH 64

/* ---- frames ---- */

void bench_rig_frame(const struct pim_policy *policy, enum pim_row_id row_id,
		     struct bench_frame *frame)
{
	const struct pim_row *row = &policy->rows[row_id];
	struct bench_recipe recipe = {
		.source = { .family = PIM_IPV4, .length = 32 },
		.protocol = row->transport == PIM_TCP ? IPPROTO_TCP : IPPROTO_UDP,
		.source_port = 33333,
		.destination_port = row->ranges[0].low,
		.oddity = BENCH_NO_SHAPE, /* affects UDP only */
	};

	for (size_t i = 0; i < policy->listed_count; i++)
		if (policy->listed[i].prefix.family == PIM_IPV4 &&
		    policy->listed[i].roles & row->edge_role)
			recipe.destination = policy->listed[i].prefix;
	if (!recipe.destination.family)
		bench_die("the configuration has no IPv4 edge address");
	bench_frame_build(&recipe, frame);
}

static __u32 address_of(const struct pim_prefix *prefix)
{
	return (__u32)prefix->address[0] << 24 | (__u32)prefix->address[1] << 16 |
	       (__u32)prefix->address[2] << 8 | prefix->address[3];
}

static __u32 host_mask(const struct pim_prefix *prefix)
{
	return prefix->length >= 32 ? 0 : prefix->length ? (1U << (32 - prefix->length)) - 1 : ~0U;
}

void bench_rig_flows(struct pim_rig *rig, const struct pim_prefix *admitted, size_t count,
		     uint16_t port, uint64_t flows)
{
	memset(rig, 0, sizeof(*rig));
	rig->flows = flows;
	rig->kind_count = PIM_RIG_KINDS;
	for (__u32 i = 0; i < PIM_RIG_KINDS; i++)
		rig->kinds[i] = (struct pim_rig_kind){
			.source = address_of(&admitted[i % count]),
			.host_mask = host_mask(&admitted[i % count]),
			.destination_port = port,
		};
}

void bench_rig_random(struct pim_rig *rig, uint16_t port)
{
	memset(rig, 0, sizeof(*rig));
	/* Unicast without martians, which are dropped early. */
	for (__u32 first = 1; first < 224; first++)
		if (first != 127)
			rig->kinds[rig->kind_count++] = (struct pim_rig_kind){
				.source = first << 24,
				.host_mask = 0xffffff,
				.destination_port = port,
			};
}

/* ---- sending ---- */

struct rig {
	struct rig_bpf *skeleton;
	struct bench_frame frame;
};

static void rig_open(struct rig *rig)
{
	rig->skeleton = rig_bpf__open_and_load();
	if (!rig->skeleton)
		bench_die("the generator does not load: %s", strerror(errno));
}

/* Returns the CPU time in nanoseconds of sending the frames and of judging them: the
 * receiver's softirq runs in this thread, after each batch. (What is deferred to ksoftirqd
 * is missing; that was measured at 3 in 1,000.) Unlike wall-clock time, it does not depend
 * on other processes that use the CPU. */
static double rig_send(struct rig *rig, uint32_t frames)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = rig->frame.bytes,
		    .data_size_in = rig->frame.length, .repeat = frames,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = BATCH);
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	if (bpf_prog_test_run_opts(bpf_program__fd(rig->skeleton->progs.generate), &options) &&
	    errno != EINTR)
		bench_die("the generator does not run: %s", strerror(errno));
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (after.tv_sec - before.tv_sec) * 1e9 + (after.tv_nsec - before.tv_nsec);
}

static __u64 rig_sent(const struct rig *rig)
{
	const volatile struct pim_rig *state = &rig->skeleton->bss->rig;
	__u64 sum = 0;

	for (__u32 i = 0; i < PIM_RIG_KINDS; i++)
		sum += state->kinds[i].frames;
	return sum;
}

/* ---- rates ---- */

struct rate_subject {
	char *name, *interface, *list; /* list is NULL for random sources */
	uint64_t flows;
	struct rig rig;
	double rounds_ns[BENCH_ROUNDS_MAX];
};

/* NAME=INTERFACE[=FLOWS=LIST] */
static void parse_subject(char *text, struct rate_subject *subject)
{
	char *flows;

	*subject = (struct rate_subject){ .name = strtok(text, "=") };
	subject->interface = strtok(NULL, "=");
	flows = strtok(NULL, "=");
	subject->list = strtok(NULL, "=");
	if (!subject->interface || (flows && !subject->list))
		bench_die("rate: expected NAME=INTERFACE[=FLOWS=LIST], found '%s'", text);
	if (flows)
		subject->flows = strtoull(flows, NULL, 10);
}

json_t *bench_rate(int count, char **arguments, const struct bench_effort *effort)
{
	struct rate_subject subjects[BENCH_SUBJECTS_MAX];
	uint32_t frames[BENCH_SUBJECTS_MAX];
	struct pim_policy policy;
	struct pim_error error = {};
	json_t *rows = json_array();

	if (count < 2 || count > BENCH_SUBJECTS_MAX + 1)
		bench_die("rate: expected a configuration and subjects");
	if (pim_config_read(arguments[0], &policy, &error))
		bench_die("%s", error.text);
	for (int i = 0; i < count - 1; i++) {
		struct rate_subject *subject = &subjects[i];
		/* Random sources go to the UDP service, as in reflection attacks; admitted
		 * flows are TCP. */
		enum pim_row_id row;
		struct pim_rig *rig;

		parse_subject(arguments[1 + i], subject);
		row = subject->list ? PIM_ROW_SIP_TLS_IN : PIM_ROW_STUN_IN;
		rig_open(&subject->rig);
		bench_rig_frame(&policy, row, &subject->rig.frame);
		rig = &subject->rig.skeleton->bss->rig;
		if (subject->list) {
			size_t admitted_count;
			struct pim_prefix *admitted =
				bench_read_list(subject->list, &admitted_count);

			bench_rig_flows(rig, admitted, admitted_count,
					policy.rows[row].ranges[0].low, subject->flows);
			free(admitted);
		} else {
			bench_rig_random(rig, policy.rows[row].ranges[0].low);
		}
		rig->interface = if_nametoindex(subject->interface);
		if (!rig->interface)
			bench_die("%s: no such interface", subject->interface);
		bench_waiting("rate: %s", subject->name);
		rig_send(&subject->rig, 20000); /* to warm up pages and caches */
		frames[i] = effort->slice_ms * 1e6 / (rig_send(&subject->rig, 100000) / 100000);
		frames[i] -= frames[i] % BATCH;
		frames[i] += BATCH;
	}
	for (unsigned int round = 0; round < effort->rounds; round++)
		for (int i = 0; i < count - 1; i++) {
			bench_waiting("rate: round %u of %u, %s", round + 1, effort->rounds,
				      subjects[i].name);
			subjects[i].rounds_ns[round] =
				rig_send(&subjects[i].rig, frames[i]) / frames[i];
		}
	for (int i = 0; i < count - 1; i++) {
		/* clang-format off */
		json_array_append_new(rows, json_pack(
			"{s:s, s:s, s:i, s:I, s:o}", "subject", subjects[i].name,
			"interface", subjects[i].interface, "flows", (int)subjects[i].flows,
			"frames", (json_int_t)rig_sent(&subjects[i].rig),
			"ns", bench_summary(subjects[i].rounds_ns, NULL, 1, effort)));
		/* clang-format on */
		rig_bpf__destroy(subjects[i].rig.skeleton);
	}
	pim_policy_free(&policy);
	return rows;
}

/* ---- storms ---- */

static volatile sig_atomic_t stopped;

static void stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

/* PREFIX:SOURCE-PORT:DESTINATION-PORT; a source port of 0 means a random one. */
static struct pim_rig_kind parse_kind(const char *text)
{
	struct pim_error error = {};
	struct pim_prefix prefix;
	struct pim_rig_kind kind = {};
	char address[64];

	if (sscanf(text, "%63[^:]:%hu:%hu", address, &kind.source_port, &kind.destination_port) !=
	    3)
		bench_die("storm: expected PREFIX:PORT:PORT, found '%s'", text);
	if (pim_prefix_parse(address, &prefix, &error))
		bench_die("storm: %s", error.text);
	kind.source = address_of(&prefix);
	kind.host_mask = host_mask(&prefix);
	return kind;
}

/* Sends a mixture of all kinds of frames until SIGTERM or SIGINT, then reports how many of
 * each were sent. */
json_t *bench_storm(int count, char **arguments, const struct bench_effort *effort)
{
	const struct sigaction action = { .sa_handler = stop };
	json_t *kinds = json_array();
	struct pim_policy policy;
	struct pim_error error = {};
	struct rig rig;
	struct pim_rig *state;
	double sending_ns = 0;

	(void)effort;
	if (count < 3 || count > (int)PIM_RIG_KINDS)
		bench_die("storm: expected an interface, a configuration and kinds of frames");
	if (pim_config_read(arguments[1], &policy, &error))
		bench_die("%s", error.text);
	rig_open(&rig);
	bench_rig_frame(&policy, PIM_ROW_SIP_TLS_IN, &rig.frame);
	state = &rig.skeleton->bss->rig;
	memset(state, 0, sizeof(*state));
	for (int i = 2; i < count; i++)
		state->kinds[state->kind_count++] = parse_kind(arguments[i]);
	state->interface = if_nametoindex(arguments[0]);
	if (!state->interface)
		bench_die("%s: no such interface", arguments[0]);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	fprintf(stderr, "started\n");
	while (!stopped)
		sending_ns += rig_send(&rig, 65536);
	for (__u32 i = 0; i < state->kind_count; i++)
		json_array_append_new(kinds, json_integer(state->kinds[i].frames));
	kinds = json_pack("{s:o, s:I, s:f}", "kinds", kinds, "frames", (json_int_t)rig_sent(&rig),
			  "ns_per_frame", sending_ns / rig_sent(&rig));
	rig_bpf__destroy(rig.skeleton);
	pim_policy_free(&policy);
	return kinds;
}

/* ---- programs to compare with ---- */

/* Attaches a program by netlink, so that it stays attached when pimbench ends. */
json_t *bench_hang(int count, char **arguments, const struct bench_effort *effort)
{
	struct empty_bpf *empty = empty_bpf__open_and_load();
	struct bpf_object *xdp_filter = NULL;
	struct lookup_bpf *lookup = NULL;
	struct pim_prefix *list = NULL;
	size_t list_count = 0;
	int program = -1, result;

	(void)effort;
	if (count < 2 || count > 3)
		bench_die("hang: expected a program, an interface and perhaps a list");
	if (!empty)
		bench_die("the empty programs do not load: %s", strerror(errno));
	if (count == 3)
		list = bench_read_list(arguments[2], &list_count);
	if (!strcmp(arguments[0], "drop-all")) {
		program = bpf_program__fd(empty->progs.drop_all);
	} else if (!strcmp(arguments[0], "pass-all")) {
		program = bpf_program__fd(empty->progs.pass_all);
	} else if (!strcmp(arguments[0], "xdp-filter")) {
		xdp_filter = bench_xdp_filter_open();
		if (!xdp_filter)
			return json_false();
		program = bench_xdp_filter_program(xdp_filter);
		for (size_t i = 0; i < list_count; i++)
			bench_xdp_filter_address(xdp_filter, &list[i]);
	} else if (!strcmp(arguments[0], "lpm-trie")) {
		lookup = lookup_bpf__open();
		if (lookup)
			bpf_map__set_max_entries(lookup->maps.lpm4, list_count + 1);
		if (!lookup || lookup_bpf__load(lookup))
			bench_die("the lookup programs do not load: %s", strerror(errno));
		program = bpf_program__fd(lookup->progs.trie_filter);
		for (size_t i = 0; i < list_count; i++) {
			struct pim_bench_lpm4 key = { .length = list[i].length };
			const uint32_t one = 1;

			memcpy(&key.address_be, list[i].address, 4);
			if (list[i].family == PIM_IPV4 &&
			    bpf_map_update_elem(bpf_map__fd(lookup->maps.lpm4), &key, &one,
						BPF_ANY))
				bench_die("cannot fill the LPM_TRIE: %s", strerror(errno));
		}
	} else {
		bench_die("hang: no program is called '%s'", arguments[0]);
	}
	result = bpf_xdp_attach(if_nametoindex(arguments[1]), program, XDP_FLAGS_DRV_MODE, NULL);
	if (result)
		bench_die("%s cannot be attached to %s: %s", arguments[0], arguments[1],
			  strerror(-result));
	empty_bpf__destroy(empty);
	bpf_object__close(xdp_filter);
	lookup_bpf__destroy(lookup);
	free(list);
	return json_true();
}
