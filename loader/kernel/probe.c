/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/probe.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/object.h"

void pim_kernel_try(struct pim_trial *trial)
{
	static const struct bpf_insn pass[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .prog_flags = BPF_F_XDP_HAS_FRAGS);
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "pim_trial", "GPL", pass,
			       sizeof(pass) / sizeof(*pass), &options);
	struct bpf_prog_info info;

	*trial = (struct pim_trial){ .error = fd < 0 ? errno : 0 };
	if (fd < 0)
		return;
	trial->jit_known = !pim_object_info(fd, &info, sizeof(info));
	trial->jited = trial->jit_known && info.jited_prog_len;
	close(fd);
}

/* /sys/kernel/realtime is not in all of them, and a container may not see it. */
bool pim_kernel_realtime(void)
{
	struct utsname name;
	FILE *file = fopen("/sys/kernel/realtime", "re");
	bool realtime = file && fgetc(file) == '1';

	if (file)
		fclose(file);
	return realtime || (!uname(&name) && strstr(name.version, "PREEMPT_RT"));
}

/* What is wrong with the folder of the pins. A link in its place is no folder: the caller
 * looks at what stat(2) says of it. */
static void look_at_folder(struct pim_folder_flaw *flaw)
{
	int root = open(PIM_PIN_ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int folder = open(PIM_PIN_DIRECTORY, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat link;

	if (root >= 0 && folder >= 0)
		pim_folder_judge(folder, root, PIM_PIN_DIRECTORY, PIM_TO_CHANGE, flaw);
	else if (!lstat(PIM_PIN_DIRECTORY, &link) && !S_ISDIR(link.st_mode)) {
		snprintf(flaw->wrong, sizeof(flaw->wrong),
			 PIM_PIN_DIRECTORY ": expected a folder, found a %s of user %u",
			 S_ISLNK(link.st_mode) ? "link" : "file", (unsigned int)link.st_uid);
		snprintf(flaw->remedy, sizeof(flaw->remedy),
			 "rm " PIM_PIN_DIRECTORY ", then: chmod 0700 " PIM_PIN_ROOT);
	}
	if (folder >= 0)
		close(folder);
	if (root >= 0)
		close(root);
}

void pim_bpffs_look(struct pim_bpffs *bpffs)
{
	struct stat directory;

	*bpffs = (struct pim_bpffs){ .root = PIM_PIN_ROOT, .mounted = true };
	if (!pim_is_bpffs(PIM_PIN_ROOT)) {
		/* In a container, only the directory may be mounted. */
		bpffs->mounted = pim_is_bpffs(PIM_PIN_DIRECTORY);
		if (bpffs->mounted)
			bpffs->root = PIM_PIN_DIRECTORY;
		else
			bpffs->error = access(PIM_PIN_ROOT, F_OK) ? errno : 0;
	}
	bpffs->directory = access(PIM_PIN_DIRECTORY, F_OK) ? PIM_PIN_ROOT : PIM_PIN_DIRECTORY;
	bpffs->passable = !eaccess(bpffs->directory, X_OK);
	bpffs->writable = bpffs->passable && !eaccess(bpffs->directory, W_OK);
	if (bpffs->mounted && !stat(bpffs->root, &directory))
		bpffs->root_mode = directory.st_mode & 07777;
	look_at_folder(&bpffs->flaw);
	if (!stat(bpffs->directory, &directory)) {
		bpffs->uid = directory.st_uid;
		bpffs->gid = directory.st_gid;
		bpffs->mode = directory.st_mode & 07777;
	}
}
