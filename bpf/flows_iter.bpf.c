/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Prints the live flows as text: a BPF iterator (BPF_TRACE_ITER) over the flow tables,
 * whose link is pinned next to them, so that `cat` shows them. It only reads.
 *
 * The kernel calls it for each slot of pim_slots4, and keeps room for 32 KiB of text per
 * call. The slots of both tables together are at most twice as many as those of the
 * larger, so each call prints two of them, in order: all of IPv4, then all of IPv6.
 */
#include "maps.h"

#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

/* Not in vmlinux.h; the loader finds the fields in the kernel at hand. */
struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
	__u64 session_id;
	__u64 seq_num;
} __attribute__((preserve_access_index));
struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
	void *key;
	void *value;
} __attribute__((preserve_access_index));

const volatile __u32 pim_entries4; /* of pim_slots4, a part for each CPU */
const volatile __u32 pim_entries6; /* not more */
const volatile __u32 pim_cpus = 1;
const volatile __u32 pim_tick_ms = 1;

enum {
	TEXT = 48,  /* "[address]:port" and its NUL */
	LOOKS = 4,  /* at a slot that a CPU is writing */
	GROUPS = 8, /* of an IPv6 address */
};

/* A flow of either family; of an IPv4 address, the first four bytes. */
struct line {
	struct pim_flow6_key key;
	__u64 packets; /* 0: none */
	__u64 bytes;
	__u64 last_ticks;
	__u16 rule;
	__u16 partner;
	__u32 family; /* 4 or 6 */
};

/* ---- reading ---- */

/* Reads a slot until it looks the same twice: its CPU may be writing it. Not static: the
 * verifier then looks at it once, and not at each of its calls. */
__noinline int read_slot(__u32 family, __u32 index, struct line *line)
{
	const volatile struct pim_slot *slot;
	const void *key;

	if (!line)
		return 0;
	line->packets = 0;
	line->family = family;
	if (family == 4)
		key = bpf_map_lookup_elem(&pim_slots4, &index);
	else
		key = bpf_map_lookup_elem(&pim_slots6, &index);
	if (!key)
		return 0;
	for (int look = 0; look < LOOKS; look++) {
		__u64 differs;

		if (family == 4) {
			const struct pim_slot4 *slot4 = key;

			slot = &slot4->slot;
			__builtin_memset(&line->key, 0, sizeof(line->key));
			__builtin_memcpy(line->key.source, slot4->key.source, 4);
			__builtin_memcpy(line->key.destination, slot4->key.destination, 4);
			line->key.source_port_be = slot4->key.source_port_be;
			line->key.destination_port_be = slot4->key.destination_port_be;
			line->key.protocol = slot4->key.protocol;
		} else {
			const struct pim_slot6 *slot6 = key;

			slot = &slot6->slot;
			__builtin_memcpy(&line->key, &slot6->key, sizeof(line->key));
		}
		line->packets = slot->packets;
		line->bytes = slot->bytes;
		line->last_ticks = slot->last_ticks;
		line->rule = slot->rule;
		line->partner = slot->partner;
		barrier();
		/* What changes with each packet, and the first of what changes with the flow. */
		differs = (slot->packets ^ line->packets) | (slot->bytes ^ line->bytes);
		if (family == 4)
			differs |= *(const volatile __u32 *)((const struct pim_slot4 *)key)
					    ->key.source ^
				   *(__u32 *)line->key.source;
		else
			differs |= *(const volatile __u64 *)((const struct pim_slot6 *)key)
					    ->key.source ^
				   *(__u64 *)line->key.source;
		if (!differs)
			break;
	}
	return line->packets != 0;
}

struct others {
	struct line *line;
	__u32 cpu, slots, slot; /* where the line is from: CPU, slots of each CPU, slot there */
	bool earlier;		/* a CPU before has the flow, so it is printed there */
};

/* A flow has the same slot in the part of each CPU (pimxdp/flow.h). */
static long add_cpu(__u32 cpu, void *context)
{
	struct others *others = context;
	struct line *line = others->line;
	struct line other = {}; /* Linux 6.1 wants it written before the call */
	__u64 differs = 0;

	if (cpu == others->cpu ||
	    !read_slot(line->family, cpu * others->slots + others->slot, &other))
		return 0;
	for (int word = 0; word < (int)sizeof(line->key) / 8; word++)
		differs |= ((__u64 *)&other.key)[word] ^ ((__u64 *)&line->key)[word];
	if (differs)
		return 0;
	if (cpu < others->cpu) {
		others->earlier = true;
		return 1;
	}
	line->packets += other.packets;
	line->bytes += other.bytes;
	if ((__s64)(other.last_ticks - line->last_ticks) > 0) {
		line->last_ticks = other.last_ticks;
		line->rule = other.rule;
		line->partner = other.partner;
	}
	return 0;
}

/* ---- writing ---- */

/* Appends one number to `text` at `at` in at most `room` bytes, with the NUL. Returns where
 * it ends. */
#define append(text, at, room, format, number)                                             \
	({                                                                                 \
		static const char append_format[] = format;                                \
		__u64 append_number = number;                                              \
		__u32 append_at = at;                                                      \
		if (append_at <= TEXT - (room))                                            \
			append_at += bpf_snprintf((text) + append_at, room, append_format, \
						  &append_number, sizeof(append_number)) - \
				     1;                                                    \
		append_at;                                                                 \
	})

struct text {
	char bytes[TEXT];
};

/* Writes the line's source or destination with its port, IPv6 as RFC 5952 wants it: "::" is the
 * first of the longest runs of zeros. Not static, as read_slot(). */
__noinline int write_address(struct text *to, const struct line *line, bool source)
{
	__u32 zeros = 0, begin = 0, covered = 0, at = 1;
	__u32 groups[GROUPS];
	const __u8 *address;
	__be16 port_be;
	char *text;

	if (!to || !line)
		return 0;
	text = to->bytes;
	address = source ? line->key.source : line->key.destination;
	port_be = source ? line->key.source_port_be : line->key.destination_port_be;
	if (line->family == 4) {
		static const char format[] = "%pI4:%u";
		__u64 words[] = { (__u64)address, bpf_ntohs(port_be) };

		return bpf_snprintf(text, TEXT, format, words, sizeof(words));
	}
	for (int group = 0; group < GROUPS; group++) {
		groups[group] = address[2 * group] << 8 | address[2 * group + 1];
		zeros |= (groups[group] - 1) >> 31 << group; /* a 1 only for 0 */
	}
	for (int length = GROUPS; length >= 2; length--) {
		__u32 longest, runs = zeros; /* those of this length, by their beginnings */

		for (int next = 1; next < length; next++)
			runs &= zeros >> next;
		/* All ones when there is one, and none longer. */
		longest = -(-runs >> 31 & (covered - 1) >> 31);
		runs &= -runs & longest;
		begin |= runs;
		covered |= (runs << length) - runs;
	}
	text[0] = '[';
	for (int group = 0; group < GROUPS; group++) {
		if (group == 6 && covered == 0x3f) { /* "::192.0.2.1", as inet_ntop(3) has it */
			at = append(text, at, 16, "%pI4", (__u64)(address + 12));
			break;
		}
		if (!(covered >> group & 1))
			at = group < GROUPS - 1 ? append(text, at, 6, "%x:", groups[group]) :
						  append(text, at, 5, "%x", groups[group]);
		else if (begin >> group & 1)
			at = group ? append(text, at, 2, "%c", ':') : append(text, at, 3, "::", 0);
	}
	return append(text, at, 8, "]:%u", bpf_ntohs(port_be));
}

/* The IPv4 and the IPv6 table have columns of their own. The last column is the one whose
 * width nobody knows. */
#define COLUMNS(width) "%-5s  %-" #width "s  %-" #width "s  %12s  %15s  %9s  %-7s  %-31s  %s\n"
#define VALUES(width) \
	"%-5s  %-" #width "s  %-" #width "s  %12llu  %15llu  %7u.%u  %-7s  %-31s  %s\n"
#define HEADINGS \
	"proto", "source", "destination", "packets", "bytes", "idle s", "leg", "rule", "partner"

static __noinline int write_heading(struct seq_file *seq, __u32 family)
{
	if (family == 4) {
		BPF_SEQ_PRINTF(seq, "IPv4: admitted flows, summed over the CPUs\n");
		BPF_SEQ_PRINTF(seq, COLUMNS(21), HEADINGS);
	} else {
		BPF_SEQ_PRINTF(seq, "IPv6: admitted flows, summed over the CPUs\n");
		BPF_SEQ_PRINTF(seq, COLUMNS(47), HEADINGS);
	}
	return 0;
}

static __noinline int write_line(struct seq_file *seq, const struct line *line)
{
	/* Where arithmetic chooses, the verifier follows one path and not two. */
	static const char protos[][4] = { "tcp", "udp" }, missing[][2] = { "-", "?" };
	const char *proto = protos[line->key.protocol >> 4 & 1];
	const char *leg = missing[1], *rule = missing[1], *partner = missing[!!line->partner];
	__u32 rule_key = line->rule;
	__u32 partner_key = line->partner | -(__u32)!line->partner; /* 0: there is none */
	__s64 idle_ticks = bpf_jiffies64() - line->last_ticks;
	__u64 idle_ms = (idle_ticks & ~(idle_ticks >> 63)) * pim_tick_ms;
	__u32 seconds = idle_ms / 1000, tenths = idle_ms / 100 % 10;
	struct text source = {}, destination = {};
	const struct pim_rule_entry *of_rule;
	const struct pim_partner_entry *of_partner;

	write_address(&source, line, true);
	write_address(&destination, line, false);
	/* Of this CPU, but the names are the same for all. */
	of_rule = bpf_map_lookup_elem(&pim_rules, &rule_key);
	if (of_rule) {
		rule = of_rule->rule;
		leg = of_rule->leg;
	}
	of_partner = bpf_map_lookup_elem(&pim_partners, &partner_key);
	if (of_partner)
		partner = of_partner->partner;
	if (line->family == 4)
		BPF_SEQ_PRINTF(seq, VALUES(21), proto, source.bytes, destination.bytes,
			       line->packets, line->bytes, seconds, tenths, leg, rule, partner);
	else
		BPF_SEQ_PRINTF(seq, VALUES(47), proto, source.bytes, destination.bytes,
			       line->packets, line->bytes, seconds, tenths, leg, rule, partner);
	return 0;
}

/* `at` counts the slots of both tables. */
static __noinline int write_slot(struct seq_file *seq, __u32 at)
{
	struct line line = {};
	struct others others = { .line = &line };
	__u32 family = at < pim_entries4 ? 4 : 6, entries = pim_entries4;

	if (at >= pim_entries4 + pim_entries6)
		return 0;
	if (at == 0 || at == pim_entries4)
		write_heading(seq, family);
	if (family == 6) {
		at -= pim_entries4;
		entries = pim_entries6;
	}
	if (!read_slot(family, at, &line))
		return 0;
	others.slots = entries / pim_cpus;
	if (!others.slots)
		return 0; /* never: each CPU has slots */
	others.cpu = at / others.slots;
	others.slot = at % others.slots;
	if (pim_cpus > 1)
		bpf_loop(pim_cpus, add_cpu, &others, 0);
	if (!others.earlier)
		write_line(seq, &line);
	return 0;
}

SEC("iter/bpf_map_elem")
int pim_print_flows(struct bpf_iter__bpf_map_elem *context)
{
	struct seq_file *seq = context->meta->seq;
	const __u32 *key = context->key;
	__u32 index;

	if (!key)
		return 0; /* the end */
	index = *key;
	write_slot(seq, 2 * index);
	write_slot(seq, 2 * index + 1);
	return 0;
}

char pim_license[] SEC("license") = "Dual BSD/GPL";
