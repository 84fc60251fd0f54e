/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The keys of the configuration, for reading and printing it. The keys of options
 * and of the Edge's roles come from the .def lists. */
#ifndef PIMXDP_CONFIG_KEYS_H
#define PIMXDP_CONFIG_KEYS_H

#define PIM_KEY_EDGE "edge"
#define PIM_KEY_PARTNERS "partners"
#define PIM_KEY_CLIENTS "clients"
#define PIM_KEY_MESSENGER "messenger"
#define PIM_KEY_BLOCK "block"
#define PIM_KEY_FAILSAFE "failsafe"
#define PIM_KEY_SERVICES "services"
#define PIM_KEY_DISABLE "disable"
#define PIM_KEY_OPTIONS "options"

/* Of a partner and of a service. */
#define PIM_KEY_NAME "name"

/* Of partners, clients, messenger, block and failsafe. */
#define PIM_KEY_ADDRESSES "addresses"
#define PIM_KEY_FILES "files"

/* Of a service. */
#define PIM_KEY_TRANSPORT "transport"
#define PIM_KEY_DIRECTION "direction"
#define PIM_KEY_SERVICE_EDGE "edge"
#define PIM_KEY_PEERS "peers"
#define PIM_KEY_PORTS "ports"

#endif
