/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The verb replay, as far as it needs no kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/cli/line.h"

/* The machine refused, not the command line: 1, not 2. */
static void fails_on_missing_captures(void **state)
{
	(void)state;
	write_text("edge.conf", complete);
	write_text("text.pcap", "edge = { access }\n");
	assert_int_equal(run("replay missing.pcap --config edge.conf"), PIM_EXIT_FAILED);
	assert_string_equal(output, "");
	assert_string_equal(errors,
			    "pimxdp: missing.pcap: cannot open: No such file or directory\n");
	assert_int_equal(run("replay text.pcap --config edge.conf --json"), PIM_EXIT_FAILED);
	assert_string_equal(output, "");
	assert_has(errors, "pimxdp: text.pcap: expected a pcap or pcapng file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fails_on_missing_captures),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
