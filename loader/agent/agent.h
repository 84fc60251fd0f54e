/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent: an event loop around targets, their files, the links and HTTP. */
#ifndef PIMXDP_AGENT_H
#define PIMXDP_AGENT_H

#include "agent/log.h"
#include "agent/target.h"

/* An interface and its configuration. */
struct pim_pair {
	const char *interface, *config;
};

struct pim_agent_options {
	const struct pim_pair *pairs; /* interfaces, which must differ */
	size_t pair_count;
	enum pim_attach_mode mode;
	gid_t group;
	const char *metrics; /* where to serve, or NULL */
	enum pim_log_format log_format;
	bool detach_on_exit;
};

/* Runs until SIGTERM or SIGINT, and logs why where it cannot. Fails before it has changed anything when a
 * configuration is bad or the server cannot listen; when an interface cannot be
 * attached at the start, those that were before it are detached again. */
enum pim_exit pim_agent_run(const struct pim_agent_options *options);

#endif
