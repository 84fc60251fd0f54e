/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the program costs before it judges a frame. The figures of each configuration
 * are printed; one above its budget is a regression that needs an explanation.
 */
#include "harness.h"
#include "kernel/judge.h"

#include <bpf/bpf.h>
#include <endian.h>
#include <string.h>

#include "config/prefix_file.h"
#include "flows_iter.skel.h"

/* Instructions that the verifier processes; its limit is a million. On Linux 6.18 the
 * costliest policy (large, with pools of Edge addresses) takes about 53,000; other
 * versions prune differently, and a tenth of the limit leaves room for all of them. */
#define VERIFIED_BUDGET 100000u

/* Bytes of x86-64 code: 7,690 for the costliest configuration, where first fragments are
 * judged; 7,436 for the defaults. Plus about a tenth: the JIT compilers of other kernels, and
 * of CPUs with other mitigations, need more bytes for the same instructions. What SNAP, first
 * fragments and routing headers added stands beside the path of an admitted segment. */
#define JITED_BUDGET 8460u

/* The same when addresses are not only in tables, and the Edge has pools, so that the
 * destination is looked up as well: 11,861 where first fragments are judged. */
#define PACKED_JITED_BUDGET 13050u

/* The iterator over the flows is verified at each attach: 8,267 on Linux 6.18. Where each call
 * and each choice is verified anew, 27,000, which takes as long as the filter itself. */
#define ITERATOR_BUDGET 16000u

static unsigned int measured;

/* Loads the image without tracing, as attach does. */
static void measure_image(const struct pim_image *image, const char *what,
			  unsigned int jited_budget)
{
	struct pim_program_size size;
	struct pim_filter *filter;
	struct pim_error error = {};

	if (pim_filter_load(image, NULL, 0, &filter, &error) ||
	    pim_filter_size(filter, &size, &error))
		fail_msg("%s", error.text);
	pim_filter_free(filter);
	print_message("# %7u verified %6u jited %6u translated  %s\n", size.verified_instructions,
		      size.jited_bytes, size.translated_bytes, what);
	measured++;

	assert_int_not_equal(size.verified_instructions, 0);
	if (size.verified_instructions > VERIFIED_BUDGET)
		fail_msg("%s: %u instructions verified, above %u", what, size.verified_instructions,
			 VERIFIED_BUDGET);
#ifdef __x86_64__
	/* Zero: this kernel interprets BPF, or hides the size. */
	if (size.jited_bytes > jited_budget)
		fail_msg("%s: %u bytes of code, above %u", what, size.jited_bytes, jited_budget);
#endif
}

static void measure(const char *options)
{
	struct judge judge;

	judge_compile(&judge, STANDARD_POLICY "options = { %s }", options);
	measure_image(&judge.image, *options ? options : "(defaults)", JITED_BUDGET);
	judge_free(&judge);
}

/* So many prefixes of each family that the image does not use tables alone: with one
 * role, or with every combination of roles, which makes ids large. */
static void measure_packed(const char *options, bool few_leaves)
{
	struct pim_image image;
	struct pim_error error = {};
	struct judge judge;

	judge_compile(&judge, STANDARD_POLICY "options = { %s }", options);
	for (uint32_t at = 0; at < 40000; at++) {
		/* clang-format off */
		struct pim_listed listed = {
			.prefix = { .family = at % 2 ? PIM_IPV4 : PIM_IPV6, .length = at % 2 ? 32 : 64 },
			.roles = few_leaves ? PIM_ROLE_ACCESS : 1 + at / 2 % ((1 << PIM_ROLES) - 1),
			.partner = !few_leaves && at % 3 == 0,
		};
		/* clang-format on */
		uint32_t place = htobe32(0x20000000 + at * 0x5791);

		memcpy(listed.prefix.address, &place, sizeof(place));
		assert_int_equal(pim_listed_add(&judge.policy, &listed, NULL), 0);
	}
	if (pim_compile(&judge.policy, NULL, &image, &error))
		fail_msg("%s", error.text);
	assert_true(image.addresses.packed);
	assert_false(image.edges_are_all);
	assert_int_equal(pim_id_bits(image.addresses.leaf_count), few_leaves ? 8 : 16);
	measure_image(&image, few_leaves ? "packed, ids of a byte" : "packed, ids of 16 bits",
		      PACKED_JITED_BUDGET);
	pim_image_free(&image);
	judge_free(&judge);
}

static void keeps_every_option_in_budget(void **state)
{
	char options[80];

	(void)state;
	measure("");
	for (size_t option = 0; option < PIM_OPTION_COUNT; option++)
		for (size_t value = 1; pim_option_names[option].values[value]; value++) {
			snprintf(options, sizeof(options), "%s = \"%s\"",
				 pim_option_names[option].name,
				 pim_option_names[option].values[value]);
			measure(options);
		}
	assert_true(measured > PIM_OPTION_COUNT);
}

static void keeps_combinations_in_budget(void **state)
{
	(void)state;
	measure("fragments = \"pass\" ip-options = \"classify\"");
	measure("fragments = \"pass\" ip-options = \"classify\" not-edge = \"drop\" non-ip = \"drop\"");
	measure("mode = \"observe\" fragments = \"pass\"");
	measure("mode = \"observe\" not-edge = \"drop\" non-ip = \"drop\" fragments = \"pass\" "
		"ip-options = \"classify\" rtp-port-end = \"peer\" stun-shape = \"off\"");
}

static void keeps_large_policies_in_budget(void **state)
{
	(void)state;
	measure_packed("", true);
	measure_packed("", false);
	measure_packed("fragments = \"pass\" ip-options = \"classify\"", false);
}

static void keeps_the_iterator_in_budget(void **state)
{
	struct flows_iter_bpf *skeleton = flows_iter_bpf__open();
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	(void)state;
	assert_non_null(skeleton);
	*(__u32 *)&skeleton->rodata->pim_entries4 = bpf_map__max_entries(skeleton->maps.pim_slots4);
	*(__u32 *)&skeleton->rodata->pim_entries6 = bpf_map__max_entries(skeleton->maps.pim_slots6);
	*(__u32 *)&skeleton->rodata->pim_cpus = 2;
	if (flows_iter_bpf__load(skeleton)) {
		flows_iter_bpf__destroy(skeleton);
		skip(); /* a kernel that allows none: doctor says so */
	}
	assert_int_equal(bpf_obj_get_info_by_fd(bpf_program__fd(skeleton->progs.pim_print_flows),
						&info, &size),
			 0);
	flows_iter_bpf__destroy(skeleton);
	print_message("# %7u verified  the iterator over the flows\n", info.verified_insns);
	assert_in_range(info.verified_insns, 1, ITERATOR_BUDGET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_every_option_in_budget),
		cmocka_unit_test(keeps_combinations_in_budget),
		cmocka_unit_test(keeps_large_policies_in_budget),
		cmocka_unit_test(keeps_the_iterator_in_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
