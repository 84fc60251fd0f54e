/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/object.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

int pim_object_info(int fd, void *info, __u32 size)
{
	memset(info, 0, size);
	return bpf_obj_get_info_by_fd(fd, info, &size) ? -errno : 0;
}

uint32_t pim_program_id(int fd)
{
	struct bpf_prog_info info;

	return pim_object_info(fd, &info, sizeof(info)) ? 0 : info.id;
}

bool pim_is_shortage(int result)
{
	return result == -EMFILE || result == -ENFILE || result == -ENOMEM;
}

int pim_map_entries(int map, uint32_t *entries)
{
	struct bpf_map_info info;
	int result = pim_object_info(map, &info, sizeof(info));

	*entries = info.max_entries;
	return result;
}

unsigned int pim_cpu_numbers(void)
{
	FILE *possible = fopen("/sys/devices/system/cpu/possible", "re");
	unsigned int last = 0;
	int letter;

	/* The last number of a list such as "0-3,8-11". */
	while (possible && (letter = fgetc(possible)) != EOF)
		last = letter >= '0' && letter <= '9' ? last * 10 + (letter - '0') :
		       letter == '\n'		      ? last :
							0;
	if (possible)
		fclose(possible);
	return possible ? last + 1 : (unsigned int)libbpf_num_possible_cpus();
}
