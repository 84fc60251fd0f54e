/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the steps hand on: the frame under the cursor, and what is known of it. */
#ifndef PIMXDP_BPF_PACKET_H
#define PIMXDP_BPF_PACKET_H

#include <vmlinux.h>
#include <bpf/bpf_helpers.h>

#include <pimxdp/decision.h>
#include <pimxdp/image.h>
#include <pimxdp/row.h>

#include "maps.h"

/* value & mask, in a way that the compiler cannot drop when it knows the value
 * to be small: the verifier may not know. */
static __always_inline __u64 pim_bound(__u64 value, const __u32 mask)
{
	asm volatile("%0 &= %1" : "+r"(value) : "i"(mask));
	return value;
}

/* No IP header chain starts further in than this; what does is read by copy. */
#define PIM_DIRECT_BYTES 0x4fffU

/* What pim_at reads from. */
struct pim_buffer {
	struct xdp_md *context;
	void *data, *data_end; /* the linear part; fragments of a jumbo frame follow it */
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
 * The `length` bytes at `offset`, or NULL where the frame does not have them.
 * Points into the linear part; bytes that a driver left in a fragment are
 * fetched into `copy`, so that a split buffer hides nothing and loses nothing.
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
	__u32 frame_bytes;     /* linear part and fragments */

	__u32 l3_offset;       /* of the IP header */
	__u32 l4_offset;       /* of what `protocol` names */
	__u32 end_offset;      /* of the IP datagram: what follows is padding */
	__u16 ethertype_be;
	__u8 family;	       /* 4 or 6 */
	__u8 protocol;
	__u8 hop_limit;
	__u8 tcp_flags;
	/* Raw values, not yes or no: the verifier would follow each combination. */
	__u16 fragment_be;     /* IPv4: MF and offset, 0 when it is none */
	__u32 option_bytes;    /* IPv4 */
	enum pim_transport transport;
	__u16 source_port_be, destination_port_be;
	__u32 payload_offset;  /* UDP only */
	__u32 payload_bytes;

	__be32 source4_be, destination4_be;
	struct pim_address6 source6, destination6;
	__u32 source, destination; /* entries of the address image */

	__u32 rule; /* key in pim_rules, or PIM_NO_RULE */
};

/* The kernel's own view of a frame; only what is read here, relocated by name. */
struct xdp_buff {
	__u32 flags;
} __attribute__((preserve_access_index));
enum { PIM_XDP_FLAGS_HAS_FRAGS = 1 << 0 }; /* enum xdp_buff_flags, since Linux 5.18 */
extern void *bpf_cast_to_kern_ctx(void *) __ksym __weak;

/*
 * The length of the frame, its fragments included. Asking is a call, and few
 * frames have fragments: whether this one does stands in the kernel's xdp_buff,
 * which costs a load where the kernel hands it out (Linux 6.2).
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
