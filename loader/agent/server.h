/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's HTTP server: a few read-only pages, for scrapers and probes. */
#ifndef PIMXDP_AGENT_SERVER_H
#define PIMXDP_AGENT_SERVER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/error.h"

/* A page: writes its body, sets its media type if that is not plain text, and
 * returns the HTTP status. `accept` is the request's Accept header, or "". */
struct pim_page {
	const char *path; /* "/metrics" */
	int (*write)(FILE *body, const char *accept, const char **media_type, void *context);
};

struct pim_server;

/* Serves the pages at "ADDRESS:PORT", "[ADDRESS]:PORT" or "unix:PATH". The array ends with
 * a page without a path; it and `context` must outlive the server. A socket file that no
 * process listens on is replaced; `group`, unless (gid_t)-1, may connect to it. Returns 0
 * or -errno. The caller frees *server before the base. */
int pim_server_start(struct event_base *base, const char *address, gid_t group,
		     const struct pim_page *pages, void *context, struct pim_server **server,
		     struct pim_error *error);
void pim_server_free(struct pim_server *server); /* NULL is allowed; removes the socket file */

/* Whether an address is of that form, so that a command line can be refused
 * before anything is done. */
bool pim_server_is_address(const char *address);

#endif
