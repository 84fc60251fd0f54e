/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/addresses.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdlib.h>

#include "kernel/object.h"

int pim_place_addresses(const struct pim_place *place, __u32 **words, size_t *word_count,
			struct pim_error *error)
{
	int map = place->maps[PIM_PIN_ADDRESSES];
	struct bpf_map_info info;
	const __u32 zero = 0;

	*words = NULL;
	if (pim_object_info(map, &info, sizeof(info)))
		return pim_fail_kernel(error, errno, "cannot describe the address image");
	*words = malloc(info.value_size);
	if (!*words)
		return pim_out_of_memory(error);
	if (bpf_map_lookup_elem(map, &zero, *words)) {
		int code = errno;

		free(*words);
		*words = NULL;
		return pim_fail_kernel(error, code, "cannot read the address image");
	}
	*word_count = info.value_size / sizeof(**words);
	return 0;
}
