/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "capture/linktype.h"

#include <stddef.h>

const char *pim_linktype_name(uint32_t linktype)
{
	static const struct {
		uint32_t linktype;
		const char *name;
	} names[] = {
		{ 0, "BSD loopback" },
		{ PIM_LINKTYPE_ETHERNET, "Ethernet" },
		{ 6, "Token Ring" },
		{ 7, "ARCNET" },
		{ 8, "SLIP" },
		{ 9, "PPP" },
		{ 10, "FDDI" },
		{ 50, "PPP in HDLC framing" },
		{ 51, "PPPoE session" },
		{ 100, "ATM, RFC 1483" },
		{ 101, "raw IP" },
		{ 104, "Cisco HDLC" },
		{ 105, "IEEE 802.11" },
		{ 107, "Frame Relay" },
		{ 108, "OpenBSD loopback" },
		{ 113, "Linux cooked v1" },
		{ 117, "OpenBSD pflog" },
		{ 119, "IEEE 802.11 with Prism header" },
		{ 127, "IEEE 802.11 with radiotap header" },
		{ 143, "DOCSIS" },
		{ 163, "IEEE 802.11 with AVS header" },
		{ 187, "Bluetooth HCI H4" },
		{ 189, "USB, Linux" },
		{ 192, "PPI" },
		{ 195, "IEEE 802.15.4" },
		{ 197, "ERF" },
		{ 201, "Bluetooth HCI H4 with direction" },
		{ 220, "USB, Linux mmapped" },
		{ 227, "CAN" },
		{ 228, "raw IPv4" },
		{ 229, "raw IPv6" },
		{ 230, "IEEE 802.15.4 without FCS" },
		{ 239, "Linux netfilter log" },
		{ 242, "IP over InfiniBand" },
		{ 247, "InfiniBand" },
		{ 249, "USB, Windows" },
		{ 252, "Wireshark upper PDU" },
		{ 253, "Linux netlink" },
		{ 258, "Apple PKTAP" },
		{ 271, "Linux vsock" },
		{ 274, "Ethernet mPackets" },
		{ 276, "Linux cooked v2" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].linktype == linktype)
			return names[i].name;
	return NULL;
}
