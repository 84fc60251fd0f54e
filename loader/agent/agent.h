/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent: an event loop for targets, their files, changes of interfaces, and HTTP. */
#ifndef PIMXDP_AGENT_AGENT_H
#define PIMXDP_AGENT_AGENT_H

#include "agent/log.h"
#include "agent/target.h"

/* An interface and its configuration. */
struct pim_pair {
	const char *interface, *config;
};

struct pim_agent_options {
	const struct pim_pair *pairs; /* each interface once */
	size_t pair_count;
	enum pim_attach_mode mode;
	bool observe;	     /* whatever the configurations say */
	gid_t group;	     /* may read the pins and use a unix: socket; PIM_NO_GROUP: none */
	const char *metrics; /* address to serve HTTP at, as in server.h; NULL: no server */
	enum pim_log_format log_format;
	bool detach_on_exit;
	unsigned int copy_flows_seconds; /* between copies of flows into pim_flows; 0: never */
};

/* Runs until SIGTERM or SIGINT, and logs errors. Fails before it changes anything if a
 * configuration is bad or the server cannot listen. If an interface cannot be attached at
 * the start, those that it attached before are detached again. Returns the exit status.
 * The strings of `options` are not copied. */
enum pim_exit pim_agent_run(const struct pim_agent_options *options);

#endif
