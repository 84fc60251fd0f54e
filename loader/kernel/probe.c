/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "kernel/probe.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "kernel/object.h"
#include "kernel/pins.h"

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
	if (!stat(bpffs->directory, &directory)) {
		bpffs->uid = directory.st_uid;
		bpffs->gid = directory.st_gid;
		bpffs->mode = directory.st_mode & 07777;
	}
}
