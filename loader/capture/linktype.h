/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* LINKTYPE_ numbers, as the tcpdump group's registry assigns them. */
#ifndef PIMXDP_CAPTURE_LINKTYPE_H
#define PIMXDP_CAPTURE_LINKTYPE_H

#include <stdint.h>

#define PIM_LINKTYPE_ETHERNET 1

/* The name of a link type ("Linux cooked v1"), or NULL if it is not known. Static. */
const char *pim_linktype_name(uint32_t linktype);

#endif
