/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the program costs before it has judged a frame. The figures of each
 * configuration are printed; one above its budget is a regression to explain.
 */
#include "harness.h"

/* Instructions that the verifier walks; it allows a million. On Linux 6.18 the
 * costliest configuration (fragments = pass) takes 48,936 of them; other
 * versions prune otherwise, and a tenth of the limit leaves them all room. */
#define VERIFIED_BUDGET 100000u

/* Bytes of x86-64 code: 7,518 for the costliest configuration, and a tenth. */
#define JITED_BUDGET 8270u

static unsigned int measured;

static void measure(const char *options)
{
	struct pim_program_size size;
	struct pim_filter *filter;
	struct pim_error error = {};
	struct judge judge;

	judge_compile(&judge, STANDARD_POLICY "options = { %s }", options);
	/* Without tracing: what is attached. */
	if (pim_filter_load(&judge.image, NULL, 0, &filter, &error) ||
	    pim_filter_size(filter, &size, &error))
		fail_msg("%s", error.text);
	pim_filter_free(filter);
	judge_free(&judge);
	print_message("# %7u verified %6u jited %6u translated  %s\n", size.verified_instructions,
		      size.jited_bytes, size.translated_bytes, *options ? options : "(defaults)");
	measured++;

	assert_int_not_equal(size.verified_instructions, 0);
	if (size.verified_instructions > VERIFIED_BUDGET)
		fail_msg("%s: %u instructions verified, above %u", options,
			 size.verified_instructions, VERIFIED_BUDGET);
#ifdef __x86_64__
	/* Zero: this kernel interprets, or hides its addresses. */
	if (size.jited_bytes > JITED_BUDGET)
		fail_msg("%s: %u bytes of code, above %u", options, size.jited_bytes, JITED_BUDGET);
#endif
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_every_option_in_budget),
		cmocka_unit_test(keeps_combinations_in_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
