/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The stamp on a set of pins: the value of the map pim_info. */
#ifndef PIMXDP_ABI_STAMP_H
#define PIMXDP_ABI_STAMP_H

#include <pimxdp/options.h>
#include <pimxdp/types.h>

/* The version of all layouts in this folder, raised when any of them changes. A loader does
 * not share pins whose stamp has another. */
#define PIM_SCHEMA 4u
#define PIM_MAGIC 0x70696d78u /* "pimx" */

/* Bytes of a text, including its NUL. */
#define PIM_PATH 256
#define PIM_VERSION_TEXT 32

/* The first two fields never move: they are read before the layout of the rest is known. */
struct pim_stamp {
	__u32 magic;	       /* PIM_MAGIC */
	__u32 schema;	       /* PIM_SCHEMA */
	__u64 generation;      /* 1 at attach, one more at each reload */
	__u64 attached_ns;     /* CLOCK_REALTIME */
	__u64 loaded_ns;       /* CLOCK_REALTIME, of the policy in force */
	__u64 policy_hash;     /* struct pim_image.hash */
	__u64 flows_copied_ns; /* CLOCK_REALTIME of the readable copies of flows; 0: none yet */
	__u64 moves;	       /* of counters into a larger map, so far; odd while they move */
	__u32 ifindex;	       /* of the interface that it was attached to */
	__u32 program_id;      /* to find it there without the right to open the link */
	struct pim_options options;
	__u8 pad[1];
	char interface[16];
	char version[PIM_VERSION_TEXT];
	char config[PIM_PATH]; /* absolute path; empty if unknown or too long */
};
_Static_assert(sizeof(struct pim_stamp) == 376, "ABI");

#endif
