/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/policy.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/object.h"

uint32_t pim_policy_entries(const struct pim_pack *pack)
{
	return (uint32_t)((pack->size_bytes + PIM_POLICY_CHUNK - 1) / PIM_POLICY_CHUNK);
}

int pim_policy_write(int map, const struct pim_pack *pack)
{
	/* Mapped, a million prefixes are copied at once instead of by a call for each entry. */
	void *value = mmap(NULL, pack->size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	if (value == MAP_FAILED)
		return -errno;
	memcpy(value, pack->bytes, pack->size_bytes);
	munmap(value, pack->size_bytes); /* a map that is mapped for writing cannot be frozen */
	return bpf_map_freeze(map) ? -errno : 0;
}

/* Not by mmap(): a read-only map file descriptor cannot be mapped. */
static int read_entries(int map, uint32_t entries, uint8_t *value)
{
	uint32_t *keys = calloc(entries, sizeof(*keys)), next, count = entries;
	int result = 0;

	if (!keys)
		return -ENOMEM;
	if (bpf_map_lookup_batch(map, NULL, &next, keys, value, &count, NULL) && errno != ENOENT)
		result = -errno;
	else if (count != entries)
		result = -EIO;
	free(keys);
	return result;
}

int pim_place_policy(const struct pim_place *place, struct pim_pack *pack, struct pim_error *error)
{
	int map = place->maps[PIM_PIN_POLICY], result;
	uint32_t entries;

	*pack = (struct pim_pack){};
	result = pim_map_entries(map, &entries);
	if (result)
		return pim_fail_kernel(error, -result, "cannot describe the policy in force");
	pack->bytes = malloc((size_t)entries * PIM_POLICY_CHUNK);
	if (!pack->bytes)
		return pim_out_of_memory(error);
	result = read_entries(map, entries, pack->bytes);
	if (result)
		pim_fail_kernel(error, -result, "cannot read the policy in force");
	else
		pack->size_bytes = pim_pack_size(pack->bytes, (size_t)entries * PIM_POLICY_CHUNK);
	if (!result && !pack->size_bytes)
		result = pim_fail(error, EBADMSG,
				  "%s: expected a policy as this pimxdp packs it, found another: "
				  "reload or attach again",
				  place->interface);
	if (result)
		pim_pack_free(pack);
	return result;
}
