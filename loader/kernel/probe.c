/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel's BPF has to say before anything is changed. */
#include "kernel/private.h"

#include <bpf/bpf.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int pim_xdp_query(uint32_t ifindex, struct pim_xdp_program *program)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);
	struct bpf_prog_info info;
	int result, fd;

	*program = (struct pim_xdp_program){};
	result = bpf_xdp_query(ifindex, 0, &query);
	if (result)
		return result;
	program->id = query.drv_prog_id ? query.drv_prog_id :
		      query.skb_prog_id ? query.skb_prog_id :
		      query.hw_prog_id	? query.hw_prog_id : query.prog_id;
	if (!program->id)
		return 0;
	program->mode = program->id == query.drv_prog_id ? PIM_ATTACH_NATIVE :
			program->id == query.skb_prog_id ? PIM_ATTACH_SKB :
			program->id == query.hw_prog_id	 ? PIM_ATTACH_OFFLOAD : PIM_ATTACH_AUTO;
	fd = bpf_prog_get_fd_by_id(program->id);
	if (fd < 0)
		return 0;
	if (!pim_object_info(fd, &info, sizeof(info)))
		snprintf(program->name, sizeof(program->name), "%s", info.name);
	close(fd);
	return 0;
}

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

void pim_bpffs_look(struct pim_bpffs *bpffs)
{
	struct stat folder;

	*bpffs = (struct pim_bpffs){ .root = PIM_PIN_ROOT, .mounted = true };
	if (!pim_is_bpffs(PIM_PIN_ROOT)) {
		/* A container may be given the folder alone. */
		bpffs->mounted = pim_is_bpffs(PIM_PIN_FOLDER);
		if (bpffs->mounted)
			bpffs->root = PIM_PIN_FOLDER;
		else
			bpffs->error = access(PIM_PIN_ROOT, F_OK) ? errno : 0;
	}
	bpffs->folder = access(PIM_PIN_FOLDER, F_OK) ? PIM_PIN_ROOT : PIM_PIN_FOLDER;
	bpffs->passable = !eaccess(bpffs->folder, X_OK);
	bpffs->writable = bpffs->passable && !eaccess(bpffs->folder, W_OK);
	if (!stat(bpffs->folder, &folder)) {
		bpffs->uid = folder.st_uid;
		bpffs->gid = folder.st_gid;
		bpffs->mode = folder.st_mode & 07777;
	}
}
