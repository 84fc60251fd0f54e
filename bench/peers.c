/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "peers.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "say.h"

/* From xdp-tools: passes what is listed and drops the rest. Either a listed address or a
 * listed port is enough. */
#define XDP_FILTER "bpf/xdpfilt_dny_all.o"
enum { XDP_FILTER_SOURCE = 1, XDP_FILTER_DESTINATION = 2, XDP_FILTER_TCP = 4, XDP_FILTER_UDP = 8 };

struct bpf_object *bench_xdp_filter_open(void)
{
	static const char *const folders[] = { "/usr/lib/x86_64-linux-gnu/",
					       "/usr/lib/aarch64-linux-gnu/", "/usr/lib/",
					       "/usr/local/lib/", "/usr/lib64/" };
	struct bpf_program *program;
	struct bpf_object *object;
	struct bpf_map *map;
	char path[128];

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, sizeof(path), "%s" XDP_FILTER, folders[i]);
		if (!access(path, R_OK))
			break;
		path[0] = '\0';
	}
	if (!*path)
		return NULL;
	object = bpf_object__open(path);
	if (!object)
		bench_die("%s: %s", path, strerror(errno));
	bpf_object__for_each_map(map, object) bpf_map__set_pin_path(map, NULL);
	bpf_object__for_each_program(program, object)
		bpf_program__set_type(program, BPF_PROG_TYPE_XDP);
	if (bpf_object__load(object))
		bench_die("%s does not load: %s", path, strerror(errno));
	return object;
}

int bench_xdp_filter_program(const struct bpf_object *object)
{
	return bpf_program__fd(bpf_object__next_program(object, NULL));
}

/* xdp-filter's maps are per CPU. A value has flags in its low bits and a counter above them. */
static void xdp_filter_list(const struct bpf_object *object, const char *map, const void *key,
			    uint64_t flags)
{
	const int cpus = libbpf_num_possible_cpus();
	uint64_t *values = bench_allocate(cpus, sizeof(*values));

	for (int cpu = 0; cpu < cpus; cpu++)
		values[cpu] = flags;
	if (bpf_map_update_elem(bpf_object__find_map_fd_by_name(object, map), key, values, BPF_ANY))
		bench_die("xdp-filter's map %s: %s", map, strerror(errno));
	free(values);
}

void bench_xdp_filter_address(const struct bpf_object *object, const struct pim_prefix *address)
{
	xdp_filter_list(object, address->family == PIM_IPV4 ? "filter_ipv4" : "filter_ipv6",
			address->address, XDP_FILTER_SOURCE);
}

void bench_xdp_filter_port(const struct bpf_object *object, uint16_t port)
{
	uint32_t port_be = htons(port);

	xdp_filter_list(object, "filter_ports", &port_be,
			XDP_FILTER_SOURCE | XDP_FILTER_DESTINATION | XDP_FILTER_TCP |
				XDP_FILTER_UDP);
}
