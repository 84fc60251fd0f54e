/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Packets of one to a million flows, in random order. */
#include "bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "config/config.h"
#include "frames.h"
#include "image/compile.h"
#include "kernel/judge.h"
#include "rig.h"
#include "say.h"

#include "empty.skel.h"
#include "flowtable.skel.h"

static struct rig_bpf *open_rig(const struct pim_prefix *admitted, size_t count, uint64_t flows,
				uint16_t port, int tested)
{
	struct rig_bpf *skeleton = rig_bpf__open_and_load();
	const uint32_t zero = 0;

	if (!skeleton ||
	    bpf_map_update_elem(bpf_map__fd(skeleton->maps.tested), &zero, &tested, BPF_ANY))
		bench_die("the rig does not load: %s", strerror(errno));
	bench_rig_flows(&skeleton->bss->rig, admitted, count, port, flows);
	return skeleton;
}

/* The table alone, with the sizes and the seed that the loader gives to a filter. */
static struct flowtable_bpf *open_tables(void)
{
	struct flowtable_bpf *tables = flowtable_bpf__open();
	uint64_t state = 1;

	if (!tables)
		bench_die("the flow tables do not open: %s", strerror(errno));
	for (size_t i = 0; i < PIM_FLOW_KEYS; i++)
		((__u64 *)tables->rodata->pim_flow_keys)[i] = pim_splitmix64(&state);
	*(__u32 *)&tables->rodata->pim_slots4_per_cpu = PIM_SLOTS4;
	*(__u32 *)&tables->rodata->pim_slots4_shift = 32 - __builtin_ctz(PIM_SLOTS4);
	bpf_map__set_max_entries(tables->maps.pim_slots4, libbpf_num_possible_cpus() * PIM_SLOTS4);
	if (flowtable_bpf__load(tables))
		bench_die("the flow tables do not load: %s", strerror(errno));
	return tables;
}

json_t *bench_flows(int count, char **arguments, const struct bench_effort *effort)
{
	static const size_t sizes[] = { 1, 1000, 32768, 100000, 1000000 };
	struct pim_policy policy = {};
	struct pim_image image = {};
	struct pim_filter *filter = NULL;
	struct pim_error error = {};
	struct empty_bpf *empty = empty_bpf__open_and_load();
	struct pim_prefix *admitted;
	size_t admitted_count;
	json_t *rows = json_array();

	if (count != 2)
		bench_die("flows: expected a configuration and a list of clients");
	if (pim_config_read(arguments[0], &policy, &error) ||
	    pim_compile(&policy, NULL, &image, &error) ||
	    pim_filter_load(&image, NULL, 0, &filter, &error))
		bench_die("%s", error.text);
	if (!empty)
		bench_die("the empty programs do not load: %s", strerror(errno));
	admitted = bench_read_list(arguments[1], &admitted_count);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		const int ours = pim_filter_program(filter);
		const int nothing = bpf_program__fd(empty->progs.pass_all);
		struct flowtable_bpf *tables;
		struct bench_subject subjects[7];
		struct rig_bpf *to_ours, *to_empty;
		struct bench_frame frame;
		double net[BENCH_ROUNDS_MAX];

		if (sizes[i] > effort->largest)
			continue;
		bench_waiting("flows: %zu", sizes[i]);
		tables = open_tables();
		tables->data->flows = sizes[i];
		bench_rig_frame(&policy, PIM_ROW_SIP_TLS_IN, &frame);
		memcpy(frame.bytes + 26, admitted[0].address, 4);
		to_ours = open_rig(admitted, admitted_count, sizes[i],
				   policy.rows[PIM_ROW_SIP_TLS_IN].ranges[0].low, ours);
		to_empty = open_rig(admitted, admitted_count, sizes[i],
				    policy.rows[PIM_ROW_SIP_TLS_IN].ranges[0].low, nothing);
		memcpy(subjects,
		       (struct bench_subject[]){
			       { .name = "empty", .program = nothing, .expected_ns = 40 },
			       { .name = "ours, one flow", .program = ours, .expected_ns = 40 },
			       { .name = "varying, empty",
				 .program = bpf_program__fd(to_empty->progs.vary),
				 .expected_ns = 40 },
			       { .name = "varying, ours",
				 .program = bpf_program__fd(to_ours->progs.vary),
				 .expected_ns = 40 },
			       { .name = "loop",
				 .program = bpf_program__fd(tables->progs.none_flows) },
			       { .name = "table",
				 .program = bpf_program__fd(tables->progs.ours_flows) },
			       { .name = "LRU table",
				 .program = bpf_program__fd(tables->progs.lru_flows) },
		       },
		       sizeof(subjects));
		bench_interleave(subjects, 7, effort, frame.bytes, frame.length);
		/* Subtract the cost of varying the frame, but not that of an empty run. */
		for (unsigned int round = 0; round < effort->rounds; round++)
			net[round] = subjects[3].rounds_ns[round] - subjects[2].rounds_ns[round] +
				     subjects[0].rounds_ns[round];
		/* clang-format off */
		json_array_append_new(rows, json_pack(
			"{s:i, s:o, s:o, s:o, s:{s:o, s:{s:o}}}", "flows", (int)sizes[i],
			"empty", bench_summary(subjects[0].rounds_ns, NULL, 1, effort),
			"hot", bench_summary(subjects[1].rounds_ns, NULL, 1, effort),
			"ours", bench_summary(net, NULL, 1, effort), "table", "ours",
			bench_summary(subjects[5].rounds_ns, subjects[4].rounds_ns, PIM_BENCH_LOOPS, effort),
			"peers", "LRU_PERCPU_HASH",
			bench_summary(subjects[6].rounds_ns, subjects[4].rounds_ns, PIM_BENCH_LOOPS,
				      effort)));
		/* clang-format on */
		rig_bpf__destroy(to_ours);
		rig_bpf__destroy(to_empty);
		flowtable_bpf__destroy(tables);
	}
	free(admitted);
	empty_bpf__destroy(empty);
	pim_filter_free(filter);
	pim_image_free(&image);
	pim_policy_free(&policy);
	return rows;
}
