/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Judges one interface: which program runs there, whether ours can, and how fast. */
#include "doctor/interface.h"

#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/*
 * A frame that a driver passes to XDP in one buffer shares a page with 256 bytes of
 * headroom and 320 bytes of struct skb_shared_info; 14 bytes are the Ethernet header. The
 * rest bounds the MTU (veth, virtio_net). Drivers that reserve room for VLAN headers or
 * have smaller buffers allow less (mlx4 and ena 3,498, i40e about 3,050).
 */
enum { PLAIN_MTU = 1500, ONE_PAGE_MTU = 4096 - 256 - 320 - 14 };

enum native { NATIVE_NO, NATIVE_UNKNOWN, NATIVE_YES };

static enum native native_mode(const struct pim_interface *interface)
{
	return !interface->xdp_known		       ? NATIVE_UNKNOWN :
	       interface->xdp_features & PIM_XDP_BASIC ? NATIVE_YES :
							 NATIVE_NO;
}

static const char *kind_name(const char *kind)
{
	return *kind ? kind : "device";
}

static void judge_link(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	const char *name = interface->name;

	if (!interface->up)
		pim_advise(pim_found(doctor, name, "link", "down"), PIM_CHECK_WARNING,
			   "ip link set dev %s up", name);
	else if (!interface->running)
		pim_advise(pim_found(doctor, name, "link", "up, but without carrier"),
			   PIM_CHECK_WARNING, "look at the cable, or at the other end");
	else
		pim_found(doctor, name, "link", "up");
}

static void judge_driver(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	const char *driver = *interface->driver ? interface->driver : kind_name(interface->kind);
	struct pim_check *check;

	switch (native_mode(interface)) {
	case NATIVE_YES:
		pim_found(doctor, interface->name, "driver", "%s: has native mode%s", driver,
			  interface->xdp_features & PIM_XDP_RX_SG ?
				  ", and frames in several buffers" :
				  "");
		return;
	case NATIVE_UNKNOWN:
		pim_found(doctor, interface->name, "driver",
			  "%s: native mode unknown, this kernel does not "
			  "tell (6.3 and newer do): attach tries",
			  driver);
		return;
	case NATIVE_NO:
		check = pim_found(doctor, interface->name, "driver", "%s: has no native mode now",
				  driver);
		pim_advise(check, PIM_CHECK_WARNING,
			   "attach falls back to skb mode, which is slower: use an "
			   "interface whose driver has native mode%s",
			   !strcmp(driver, "veth") ?
				   " (a veth has it with as many RX queues as its peer "
				   "has TX queues)" :
				   "");
	}
}

static void judge_mtu(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	bool several = interface->xdp_known && interface->xdp_features & PIM_XDP_RX_SG;
	uint32_t mtu = interface->mtu_bytes;
	char grouped[PIM_GROUPED], most[PIM_GROUPED];
	struct pim_check *check;

	pim_grouped(mtu, grouped);
	pim_grouped(ONE_PAGE_MTU, most);
	if (native_mode(interface) == NATIVE_NO) {
		pim_found(doctor, interface->name, "mtu", "%s; skb mode takes any", grouped);
		return;
	}
	if (mtu <= PLAIN_MTU || several) {
		pim_found(doctor, interface->name, "mtu", "%s", grouped);
		return;
	}
	if (!interface->xdp_known)
		check = pim_found(doctor, interface->name, "mtu",
				  "%s, and whether the driver hands out frames "
				  "in several buffers is unknown",
				  grouped);
	else
		check = pim_found(doctor, interface->name, "mtu",
				  "%s, and the driver hands out no frames in "
				  "several buffers",
				  grouped);
	if (mtu > ONE_PAGE_MTU)
		pim_advise(
			check, PIM_CHECK_WARNING,
			"%smost drivers refuse native mode: lower the MTU "
			"to %s or what the driver takes (ip link set dev %s mtu %u), or use --mode skb",
			interface->xdp_known ? "" : "without them ", most, interface->name,
			(unsigned int)PLAIN_MTU);
	else
		pim_advise(check, PIM_CHECK_WARNING,
			   "up to %u every driver takes; beyond, some refuse "
			   "native mode: attach says so",
			   (unsigned int)PLAIN_MTU);
}

/* LRO and hardware GRO merge several frames into one before XDP sees them. */
static void judge_merging(const struct pim_interface *interface, const struct pim_feature *feature,
			  const char *check, const char *option, struct pim_doctor *doctor)
{
	struct pim_check *found;

	if (!feature->known || !feature->on) {
		pim_found(doctor, interface->name, check,
			  feature->known ? "off" : "not told by the driver");
		return;
	}
	if (native_mode(interface) == NATIVE_NO) {
		pim_found(doctor, interface->name, check, "on; skb mode turns it off");
		return;
	}
	found = pim_found(doctor, interface->name, check, feature->fixed ? "on, and fixed" : "on");
	if (feature->fixed)
		pim_advise(
			found, PIM_CHECK_WARNING,
			"drivers may refuse native mode with it; it can only be "
			"turned off outside (virtio: guest_tso4, guest_tso6, guest_ecn and guest_ufo off "
			"in the hypervisor)");
	else
		pim_advise(found, PIM_CHECK_WARNING,
			   "drivers refuse native mode with it, or turn it off: "
			   "ethtool -K %s %s off",
			   interface->name, option);
}

/* BIG TCP: the headers of a packet above 64 kB do not tell its length, so that it is dropped
 * as truncated (IPv6) or malformed (IPv4). XDP sees such packets in skb mode alone. */
static void judge_big_tcp(const struct pim_interface *interface,
			  const struct pim_attachment *attachment, struct pim_doctor *doctor)
{
	const bool skb =
		native_mode(interface) == NATIVE_NO || attachment->program.mode == PIM_ATTACH_SKB;
	struct pim_check *check;
	char grouped[PIM_GROUPED];

	if (!interface->merged_bytes) {
		pim_found(doctor, interface->name, "big-tcp", "not told by the kernel");
		return;
	}
	if (interface->merged_bytes <= PIM_IP_BYTES_MAX) {
		pim_found(doctor, interface->name, "big-tcp", "off");
		return;
	}
	pim_grouped(interface->merged_bytes, grouped);
	check = pim_found(doctor, interface->name, "big-tcp", "on, packets of up to %s bytes%s",
			  grouped, skb ? "" : "; native mode sees them before they are merged");
	if (skb)
		pim_advise(check, PIM_CHECK_WARNING,
			   "skb mode drops those above %u bytes: " PIM_BIG_TCP_OFF,
			   PIM_IP_BYTES_MAX, interface->name);
}

static void judge_vlan(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	const struct pim_feature *feature = &interface->rx_vlan;

	pim_found(
		doctor, interface->name, "rx-vlan",
		!feature->known ?
			"not told by the driver" :
		feature->on ?
			"on: a tag that the device takes off is not counted among the two that may be; "
			"verdicts are otherwise the same" :
			"off: tags stay in the frame, and up to two are seen through");
}

/* "a (vlan), b (macvlan), ..." */
static const char *neighbour_names(const struct pim_neighbours *neighbours, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < neighbours->count && length < size; i++) {
		if (i == PIM_NEIGHBOURS) {
			snprintf(text + length, size - length, ", ...");
			break;
		}
		length += snprintf(text + length, size - length, "%s%s (%s)", i ? ", " : "",
				   neighbours->list[i].name, kind_name(neighbours->list[i].kind));
	}
	return text;
}

static void judge_master(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	const char *master = interface->master, *kind = interface->master_kind;
	struct pim_check *check;

	if (!strcmp(kind, "bridge")) {
		pim_found(
			doctor, interface->name, "stack",
			"port of the bridge %s: what arrives at this port "
			"is judged before it is forwarded, what arrives at the other ports is not",
			master);
		return;
	}
	check = pim_found(doctor, interface->name, "stack", "member of %s (%s)", master,
			  kind_name(kind));
	if (!strcmp(kind, "bond"))
		pim_advise(check, PIM_CHECK_WARNING,
			   "a filter here judges the frames of this member alone: "
			   "attach to %s, or to every member of it",
			   master);
	else if (!strcmp(kind, "team"))
		pim_advise(check, PIM_CHECK_WARNING,
			   "a filter here judges the frames of this member alone: "
			   "attach to every member of %s",
			   master);
}

static void judge_lower(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	char names[PIM_NEIGHBOURS * 40];
	struct pim_check *check =
		pim_found(doctor, interface->name, "stack", "%s on %s", kind_name(interface->kind),
			  neighbour_names(&interface->lower, names, sizeof(names)));

	if (!strcmp(interface->kind, "bridge"))
		pim_advise(check, PIM_CHECK_WARNING,
			   "only frames for this host reach a filter here, in skb "
			   "mode: attach to the ports");
	else if (!strcmp(interface->kind, "team"))
		pim_advise(check, PIM_CHECK_WARNING,
			   "team has no native mode: attach to every member");
	else if (strcmp(interface->kind, "bond"))
		pim_advise(check, PIM_CHECK_WARNING,
			   "a filter here comes late, in skb mode: attach to %s, "
			   "where frames arrive first",
			   interface->lower.list[0].name);
}

static void judge_stack(const struct pim_interface *interface, struct pim_doctor *doctor)
{
	char names[PIM_NEIGHBOURS * 40];

	if (*interface->master)
		judge_master(interface, doctor);
	if (interface->lower.count)
		judge_lower(interface, doctor);
	if (interface->upper.count)
		pim_found(doctor, interface->name, "stack",
			  "below %s: their frames are judged here, too",
			  neighbour_names(&interface->upper, names, sizeof(names)));
	if (!*interface->master && !interface->lower.count && !interface->upper.count)
		pim_found(doctor, interface->name, "stack", "stands alone");
}

static void judge_queues(const struct pim_interface *interface, unsigned int cpus,
			 struct pim_doctor *doctor)
{
	uint32_t queues = interface->rx_queues, most = interface->rx_queues_max;
	uint32_t better = most < cpus ? most : cpus;
	struct pim_check *check =
		pim_found(doctor, interface->name, "queues", "%u RX queue%s for %u CPU%s%s", queues,
			  queues == 1 ? "" : "s", cpus, cpus == 1 ? "" : "s",
			  queues < cpus && queues >= most ? ", as many as there are" : "");

	/* Not for veth: its RX queues go with its peer's TX queues, and each needs its own NAPI. */
	if (queues < better && strcmp(interface->kind, "veth"))
		pim_advise(check, PIM_CHECK_WARNING,
			   "the filter runs on %u CPU%s at a time: ethtool -L %s "
			   "combined %u (or rx %u)",
			   queues, queues == 1 ? "" : "s", interface->name, better, better);
}

static void judge_program(const struct pim_interface *interface,
			  const struct pim_attachment *attachment, struct pim_doctor *doctor)
{
	const struct pim_xdp_program *program = &attachment->program;
	const char *mode = pim_attach_mode_name(program->mode), *name = interface->name;
	struct pim_check *check;

	if (attachment->program_error) {
		check = pim_found(doctor, name, "program", "unknown: %s",
				  strerror(attachment->program_error));
		pim_advise(check, PIM_CHECK_WARNING, "attach will say");
	} else if (!program->id) {
		pim_found(doctor, name, "program", "no XDP program");
	} else if (program->id == attachment->pinned_program) {
		check = pim_found(doctor, name, "program", "pimxdp's own, id %u, %s mode",
				  program->id, mode);
		if (program->mode == PIM_ATTACH_SKB && native_mode(interface) == NATIVE_YES)
			pim_advise(check, PIM_CHECK_WARNING,
				   "the driver has native mode: pimxdp detach %s, "
				   "and attach with --mode native",
				   name);
	} else if (*attachment->named_before) {
		check = pim_found(doctor, name, "program",
				  "pimxdp's own, id %u, %s mode, attached when this interface was "
				  "named %s",
				  program->id, mode, attachment->named_before);
		pim_advise(check, PIM_CHECK_PROBLEM, "pimxdp detach %s, or rename it back",
			   attachment->named_before);
	} else if (*attachment->pins_unreadable) {
		check = pim_found(doctor, name, "program",
				  "%s%sid %u, %s mode; whether it is pimxdp's cannot "
				  "be seen, as its pins cannot",
				  program->name, *program->name ? ", " : "", program->id, mode);
		pim_advise(check, PIM_CHECK_WARNING, "run as a user that may read the pins");
	} else {
		check = pim_found(doctor, name, "program", "another's, %s%sid %u, %s mode",
				  *program->name ? program->name :
						   "whose name only CAP_SYS_ADMIN sees",
				  ", ", program->id, mode);
		pim_advise(check, PIM_CHECK_PROBLEM,
			   "detach it with the tool that attached it (bpftool net "
			   "show dev %s)",
			   name);
	}
}

static void judge_pins(const char *name, const struct pim_attachment *attachment,
		       struct pim_doctor *doctor)
{
	static const char *const says[] = {
		[PIM_PLACE_EMPTY] = "none",
		[PIM_PLACE_ATTACHED] = "of the filter that is attached",
		[PIM_PLACE_ELSEWHERE] = "of a filter on another interface",
		[PIM_PLACE_GONE] = "of a filter whose interface is gone",
		[PIM_PLACE_UNFINISHED] = "of an attach or detach that was interrupted",
		[PIM_PLACE_FOREIGN] = "of another version of pimxdp",
	};
	struct pim_check *check;

	if (*attachment->pins_unreadable) {
		pim_advise(pim_found(doctor, name, "pins", "cannot be seen"), PIM_CHECK_WARNING,
			   "%s", attachment->pins_unreadable);
		return;
	}
	check = pim_found(doctor, name, "pins", "%s%s%s", says[attachment->pins],
			  *attachment->iterator ? "; its flows: cat " : "", attachment->iterator);
	switch (attachment->pins) {
	case PIM_PLACE_EMPTY:
	case PIM_PLACE_ATTACHED:
		break;
	case PIM_PLACE_GONE:
	case PIM_PLACE_UNFINISHED:
		pim_advise(check, PIM_CHECK_WARNING,
			   "attach removes them; so does pimxdp detach %s", name);
		break;
	case PIM_PLACE_ELSEWHERE:
	case PIM_PLACE_FOREIGN:
		pim_advise(check, PIM_CHECK_PROBLEM, "%s", attachment->pins_refusal);
	}
}

void pim_judge_interface(const struct pim_interface *interface,
			 const struct pim_attachment *attachment, unsigned int cpus,
			 struct pim_doctor *doctor)
{
	const char *name = interface->name;

	if (!interface->ifindex) {
		pim_advise(pim_found(doctor, name, "interface", "not in this network namespace"),
			   PIM_CHECK_PROBLEM, "ip link shows those there are");
		judge_pins(name, attachment, doctor);
		return;
	}
	if (interface->hardware == ARPHRD_LOOPBACK) {
		pim_advise(pim_found(doctor, name, "interface",
				     "the loopback, by which nothing from another host arrives"),
			   PIM_CHECK_PROBLEM, "attach to the interface that faces the Internet");
		return;
	}
	if (interface->hardware != ARPHRD_ETHER) {
		pim_advise(pim_found(doctor, name, "interface",
				     "not Ethernet, but hardware type %u", interface->hardware),
			   PIM_CHECK_PROBLEM,
			   "attach to the interface whose frames have Ethernet headers");
		return;
	}
	pim_found(doctor, name, "interface", "Ethernet");
	judge_link(interface, doctor);
	judge_driver(interface, doctor);
	judge_mtu(interface, doctor);
	judge_merging(interface, &interface->lro, "lro", "lro", doctor);
	judge_merging(interface, &interface->gro_hw, "gro-hw", "rx-gro-hw", doctor);
	judge_big_tcp(interface, attachment, doctor);
	judge_vlan(interface, doctor);
	judge_stack(interface, doctor);
	judge_queues(interface, cpus, doctor);
	judge_program(interface, attachment, doctor);
	judge_pins(name, attachment, doctor);
}

void pim_judge_briefly(const struct pim_interface *interface,
		       const struct pim_attachment *attachment, unsigned int cpus,
		       struct pim_doctor *doctor)
{
	static const char *const native[] = { "no native mode", "native mode unknown",
					      "native mode" };
	struct pim_doctor whole = {};
	char grouped[PIM_GROUPED];
	struct pim_check *check;

	pim_judge_interface(interface, attachment, cpus, &whole);
	check = pim_found(
		doctor, "interfaces", interface->name, "%s, %s, MTU %s, %s%s",
		*interface->driver ? interface->driver : kind_name(interface->kind),
		!interface->up	   ? "down" :
		interface->running ? "up" :
				     "no carrier",
		pim_grouped(interface->mtu_bytes, grouped), native[native_mode(interface)],
		!attachment->program.id				     ? "" :
		attachment->program.id == attachment->pinned_program ? ", pimxdp attached" :
								       ", an XDP program attached");
	if (pim_doctor_worst(&whole) != PIM_CHECK_OK)
		pim_advise(check, PIM_CHECK_WARNING, "pimxdp doctor %s", interface->name);
	doctor->out_of_memory |= whole.out_of_memory;
	pim_doctor_free(&whole);
}
