/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The folders of the pins. On many machines anybody may write to the root of the BPF file
 * system, so a folder is opened once, without following a link, and judged by its
 * descriptor; all that is done in it is done through that descriptor.
 *
 * A loader works only in folders of the BPF file system that its own effective user owns
 * and nobody else may write to. A reader may also be led to folders of root, and to those
 * of another user when nobody but root, this user or that user can have put them there:
 * the folder above is closed to everybody else, or it is the root of a mount.
 */
#ifndef PIMXDP_KERNEL_FOLDER_H
#define PIMXDP_KERNEL_FOLDER_H

#include <stdbool.h>

#include "base/error.h"
#include "kernel/failure.h"

#define PIM_PIN_ROOT "/sys/fs/bpf"
#define PIM_PIN_DIRECTORY PIM_PIN_ROOT "/pimxdp"

/* How to mount a BPF file system. A group that reads the pins has to pass its root. */
#define PIM_BPFFS_MOUNT                               \
	"mount -t bpf -o mode=0700 bpf " PIM_PIN_ROOT \
	" (mode=0711 if a group is to read, as --group lets it)"

/* ---- private to this room ---- */

#define PIM_PIN_PATH 128
#define PIM_PIN_PLACE_PATH 64 /* PIM_PIN_DIRECTORY, '/', an interface name and the NUL fit */

/* Whether a path is in a BPF file system. When false, errno is 0 for another file system,
 * else the reason why the path could not be checked. */
bool pim_is_bpffs(const char *path);
/* Checks that a BPF file system is mounted. Returns 0, or -errno with a text that says
 * what to mount. */
int pim_bpffs_check(struct pim_error *error);

/* Why a folder is refused, and what to do about it. */
struct pim_folder_flaw {
	char wrong[320], remedy[320];
};
/* Judges an open folder: `path` is for the texts, `above` an open descriptor of the folder
 * that it is in. Returns 0, or -errno with *flaw. */
int pim_folder_judge(int folder, int above, const char *path, enum pim_access access,
		     struct pim_folder_flaw *flaw);

/* Opens the folder of all pins. The caller closes *folder, which is for openat(2) and its
 * kin and cannot be read. Returns 0; -ENOENT without a text when it is not there;
 * otherwise -errno with a text (-ENOTSUP: no BPF file system). */
int pim_folder_open(enum pim_access access, int *folder, struct pim_error *error);
/* The same for the folder with the path `directory`, which is in the open folder `above`. */
int pim_folder_open_in(int above, const char *directory, enum pim_access access, int *folder,
		       struct pim_error *error);

/* The path of a name in an open folder, for calls that take no descriptor of a folder:
 * bpf(2) has that only since Linux 6.5. pim_folder_open has seen that it works. Returns path. */
const char *pim_folder_path(int folder, const char *before, const char *name,
			    char path[PIM_PIN_PATH]);

#endif
