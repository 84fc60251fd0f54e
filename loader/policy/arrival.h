/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a policy does with a TCP segment or a UDP datagram that arrives: steps 4 to 7 and 12 of
 * docs/classification.md, for what the machine's own sockets would see. */
#ifndef PIMXDP_POLICY_ARRIVAL_H
#define PIMXDP_POLICY_ARRIVAL_H

#include "policy/policy.h"

/* Whole and well-formed, without fragments, IP options and extension headers. */
struct pim_arrival {
	struct pim_prefix
		source;	       /* a host prefix; family 0: a host that is listed nowhere itself */
	uint16_t source_roles; /* sets of enum pim_role */
	uint16_t destination_roles;
	enum pim_transport transport;
	uint16_t source_port; /* host byte order; 0: the one that suits the sender best */
	uint16_t destination_port;
	bool opens; /* TCP: a SYN without ACK */
};

/* Returns what becomes of it in enforce mode. *row receives the row that admits it, or that
 * names its reason; NULL: none. A payload's shape is not judged. */
enum pim_outcome pim_policy_judge(const struct pim_policy *policy,
				  const struct pim_arrival *arrival, const struct pim_row **row);

#endif
