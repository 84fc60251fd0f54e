/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What each state of a place means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/status.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct pim_place place_in(enum pim_place_state state)
{
	return (struct pim_place){
		.interface = "eth1",
		.directory = "/sys/fs/bpf/pimxdp/eth1",
		.state = state,
		.group = PIM_NO_GROUP,
		.link = -1,
		.ifindex = 0x7ffffffe, /* no interface has it */
		.stamp = { .magic = PIM_MAGIC, .schema = PIM_SCHEMA },
	};
}

/* `refusal` is a part of its text; NULL: there is none. */
static const struct {
	enum pim_place_state state;
	const char *name;
	bool attached, counts;
	const char *refusal;
} states[] = {
	{ PIM_PLACE_EMPTY, "detached", false, false,
	  "eth1: no filter is attached, and no such interface is here: ip link" },
	{ PIM_PLACE_ATTACHED, "attached", true, true, NULL },
	{ PIM_PLACE_ELSEWHERE, "elsewhere", false, true,
	  "eth1: the filter pinned in /sys/fs/bpf/pimxdp/eth1 is in another network namespace" },
	{ PIM_PLACE_GONE, "interface-gone", false, true,
	  "eth1: the interface of this filter is gone" },
	{ PIM_PLACE_UNFINISHED, "unfinished", false, false,
	  "eth1: no filter is attached, an attach or detach was interrupted" },
	{ PIM_PLACE_FOREIGN, "other-schema", false, false,
	  "eth1: the pins in /sys/fs/bpf/pimxdp/eth1 are not of a pimxdp of schema" },
};

static void tells_what_each_state_means(void **state)
{
	(void)state;
	assert_int_equal(COUNT(states), PIM_PLACE_FOREIGN + 1);
	assert_null(pim_place_state_name((enum pim_place_state)COUNT(states)));
	for (size_t at = 0; at < COUNT(states); at++) {
		struct pim_place place = place_in(states[at].state);
		struct pim_status_report report;

		memset(&report, 0xaa, sizeof(report)); /* every field must be written */
		pim_status_report(&place, &report);
		assert_ptr_equal(report.place, &place);
		assert_string_equal(report.state, states[at].name);
		assert_int_equal(report.attached, states[at].attached);
		assert_int_equal(report.counts, states[at].counts);
		assert_string_equal(report.replies, "stateless");
		if (!states[at].refusal)
			assert_string_equal(report.refusal.text, "");
		else if (strncmp(report.refusal.text, states[at].refusal,
				 strlen(states[at].refusal)))
			fail_msg("%s: %s", states[at].name, report.refusal.text);
		assert_int_equal(report.refusal.kind,
				 states[at].refusal ? PIM_EXIT_FAILED : PIM_EXIT_DONE);
	}
}

/* Where nothing counts there is no policy, whatever the stamp holds. */
static void tells_the_mode_where_it_counts(void **state)
{
	static const struct {
		uint8_t mode;
		const char *name;
		bool observes;
	} modes[] = {
		{ PIM_MODE_ENFORCE, "enforce", false },
		{ PIM_MODE_OBSERVE, "observe", true },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(states); at++)
		for (size_t mode = 0; mode < COUNT(modes); mode++) {
			struct pim_place place = place_in(states[at].state);
			struct pim_status_report report;

			place.stamp.options.mode = modes[mode].mode;
			pim_status_report(&place, &report);
			if (states[at].counts)
				assert_string_equal(report.mode, modes[mode].name);
			else
				assert_null(report.mode);
			assert_int_equal(report.observes,
					 states[at].counts && modes[mode].observes);
		}
}

/* What can be done about another schema depends on what is known of it. */
static void tells_what_to_do_about_another_schema(void **state)
{
	static const struct {
		uint32_t schema;
		enum pim_place_state is;
		int link;
		const char *advice;
	} cases[] = {
		{ PIM_SCHEMA + 1, PIM_PLACE_ATTACHED, 3, "attach eth1 --config FILE --replace" },
		{ PIM_SCHEMA + 1, PIM_PLACE_ATTACHED, -1, "detach eth1 and attach anew" },
		{ PIM_SCHEMA + 1, PIM_PLACE_ELSEWHERE, 3, "detach eth1 and attach anew" },
		{ PIM_SCHEMA + 1, PIM_PLACE_GONE, 3, "detach eth1 and attach anew" },
		{ 0, PIM_PLACE_ATTACHED, 3, "use the pimxdp that made them" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		struct pim_place place = place_in(PIM_PLACE_FOREIGN);
		struct pim_status_report report;

		place.foreign_schema = cases[at].schema;
		place.foreign_state = cases[at].is;
		place.link = cases[at].link;
		pim_status_report(&place, &report);
		assert_string_equal(report.state, "other-schema");
		assert_false(report.attached || report.counts);
		if (!strstr(report.refusal.text, cases[at].advice))
			fail_msg("expected \"%s\" in: %s", cases[at].advice, report.refusal.text);
		assert_int_equal(strstr(report.refusal.text, "--replace") != NULL, at == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_each_state_means),
		cmocka_unit_test(tells_the_mode_where_it_counts),
		cmocka_unit_test(tells_what_to_do_about_another_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
