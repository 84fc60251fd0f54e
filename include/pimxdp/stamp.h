/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The stamp on a set of pins: the value of the map pim_info. */
#ifndef PIMXDP_ABI_STAMP_H
#define PIMXDP_ABI_STAMP_H

#include <pimxdp/options.h>
#include <pimxdp/types.h>

/* Of all layouts in this folder: raised with any change of one. A loader shares no
 * pins whose stamp has another. */
#define PIM_SCHEMA 3u
#define PIM_MAGIC 0x70696d78u /* "pimx" */

/* Bytes of a text, its NUL included. */
#define PIM_PATH 256
#define PIM_VERSION_TEXT 32

/* The first two fields never move: they are read before anything else is known. */
struct pim_stamp {
	__u32 magic;	       /* PIM_MAGIC */
	__u32 schema;	       /* PIM_SCHEMA */
	__u64 generation;      /* 1 at attach, one more at each reload */
	__u64 attached_ns;     /* CLOCK_REALTIME */
	__u64 loaded_ns;       /* CLOCK_REALTIME, of the policy in force */
	__u64 policy_hash;     /* of the image */
	__u64 flow_seed;       /* of the flow tables' hash factors, kept over reloads */
	__u64 flows_copied_ns; /* CLOCK_REALTIME of the readable copies of flows; 0: none yet */
	__u32 ifindex;	       /* where it was attached */
	__u32 program_id;      /* so that who may not open the link can find it there */
	struct pim_options options;
	__u8 pad[1];
	char interface[16];
	char version[PIM_VERSION_TEXT];
	char config[PIM_PATH]; /* absolute path, empty when too long */
};
_Static_assert(sizeof(struct pim_stamp) == 376, "ABI");

#endif
