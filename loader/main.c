/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>

#include "cli/command.h"

int main(int argc, char **argv)
{
	enum pim_exit status = pim_command_line(argc, argv);

	/* A full disk or a closed pipe must not look like success. */
	if (fflush(stdout) || ferror(stdout)) {
		if (status == PIM_EXIT_DONE)
			status = PIM_EXIT_FAILED;
		perror("pimxdp: standard output");
	}
	return status;
}
