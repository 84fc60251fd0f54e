/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the steps pass on: access to the frame, and what has been parsed from it. */
#ifndef PIMXDP_BPF_PACKET_H
#define PIMXDP_BPF_PACKET_H

#include <vmlinux.h>

#include <bpf/bpf_helpers.h>

#include <pimxdp/decision.h>
#include <pimxdp/image.h>
#include <pimxdp/row.h>

#include "maps.h"

/* value & mask. In assembly, since the compiler would drop the mask where it knows the
 * value to be small, which the verifier may not know. `mask` must be a constant. */
static __always_inline __u64 pim_bound(__u64 value, const __u32 mask)
{
	asm volatile("%0 &= %1" : "+r"(value) : "i"(mask));
	return value;
}

/* The bound on offsets that the verifier needs for direct packet access. The longest
 * chain of IP headers ends before it; bytes beyond it are copied. */
#define PIM_DIRECT_BYTES 0x4fffU

/* What pim_at reads from. */
struct pim_buffer {
	struct xdp_md *context;
	void *data, *data_end; /* the linear part; frags may follow it */
};

static __always_inline struct pim_buffer pim_buffer(struct xdp_md *context)
{
	return (struct pim_buffer){
		.context = context,
		.data = (void *)(long)context->data,
		.data_end = (void *)(long)context->data_end,
	};
}

/*
 * The `length` bytes at `offset`, or NULL if the frame ends before. Points into the
 * linear part where it has all of them; otherwise they are copied to `copy`, which
 * has room for `length` bytes. So a frame with frags is read like any other.
 */
static __always_inline const void *pim_at(const struct pim_buffer *buffer, __u32 offset,
					  const __u32 length, void *copy)
{
	if (offset <= PIM_DIRECT_BYTES) {
		const void *at = buffer->data + offset;

		if (at + length <= buffer->data_end)
			return at;
	}
	if (bpf_xdp_load_bytes(buffer->context, offset, copy, length))
		return NULL;
	return copy;
}

struct pim_packet {
	struct pim_buffer buffer;
	__u32 frame_bytes; /* linear part and frags */

	__u32 l3_offset;  /* of the IP header */
	__u32 l4_offset;  /* of the header that `protocol` names */
	__u32 end_offset; /* of the end of the IP datagram; padding follows */
	__u16 ethertype_be;
	__u8 family; /* 4 or 6; 0 before step 3 */
	__u8 protocol;
	__u8 hop_limit;
	__u8 tcp_flags;
	/* Raw values, not booleans: the verifier would follow each combination of those. */
	__u16 fragment_be;  /* IPv4: MF and offset; 0: not a fragment */
	__u16 is_first;	    /* not 0: a first fragment that steps 10 to 15 judge */
	__u32 option_bytes; /* IPv4 options */
	enum pim_transport transport;
	__u16 source_port_be, destination_port_be;
	__u32 payload_offset; /* UDP only */
	__u32 payload_bytes;

	__be32 source4_be, destination4_be;
	struct pim_address6 source6, destination6;
	__u32 source, destination; /* leaves of the address image */

	__u32 rule; /* key in pim_rules, or PIM_NO_RULE */
};

/* The kernel's view of a frame: only the field that is read here, relocated by name. */
struct xdp_buff {
	__u32 flags;
} __attribute__((preserve_access_index));
enum { PIM_XDP_FLAGS_HAS_FRAGS = 1 << 0 }; /* enum xdp_buff_flags, since Linux 5.18 */
extern void *bpf_cast_to_kern_ctx(void *) __ksym __weak;

/*
 * The length of the frame in bytes, frags included. bpf_xdp_get_buff_len is a call, and
 * few frames have frags. From Linux 6.2 on a program can read the kernel's xdp_buff,
 * where one load tells whether this frame has any.
 */
static __always_inline __u32 pim_frame_bytes(const struct pim_buffer *buffer)
{
	if (pim_has_kernel_context) {
		const struct xdp_buff *frame = bpf_cast_to_kern_ctx(buffer->context);

		if (!(frame->flags & PIM_XDP_FLAGS_HAS_FRAGS))
			return buffer->data_end - buffer->data;
	}
	return bpf_xdp_get_buff_len(buffer->context);
}

#endif
