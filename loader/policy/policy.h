/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The model: what a configuration means, with every default filled in. The
 * configuration reader builds it, and everything after that only reads it.
 */
#ifndef PIMXDP_POLICY_POLICY_H
#define PIMXDP_POLICY_POLICY_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pimxdp/abi.h>

#include "base/file_state.h"
#include "policy/finding.h"
#include "policy/prefix.h"

/* One listed prefix, with the roles that its place in the configuration gives it. A
 * prefix of `clients` also has MESSENGER when the configuration has no `messenger`
 * group, and one of `edge.access` also has AV when there is no `edge.av`. */
struct pim_listed {
	struct pim_prefix prefix;
	uint16_t roles;	  /* set of enum pim_role */
	uint16_t partner; /* 1 + index in pim_policy.partners; 0: none */
	struct pim_origin origin;
};

struct pim_partner {
	char name[PIM_PARTNER_NAME];
	struct pim_origin origin;
};

/* Both ends inclusive, host byte order, 1 <= low <= high <= 65535. */
struct pim_port_range {
	uint16_t low, high;
};

/* A row of the table: the built-in ones first, in policy.def order, then the
 * configured services in file order. */
struct pim_row {
	char name[PIM_RULE_NAME];
	char service[PIM_RULE_NAME]; /* "SIP over TLS"; for a configured row, its name */
	enum pim_transport transport;
	enum pim_direction direction;
	enum pim_role edge_role; /* exactly one */
	enum pim_role peer_role; /* exactly one */
	enum pim_port_end port_end;
	enum pim_shape shape;
	bool enabled;		       /* false: named in `disable` */
	struct pim_port_range *ranges; /* owned */
	size_t range_count;
	struct pim_origin origin; /* of a configured row's name */
};

#define PIM_OPTION_COUNT (sizeof(struct pim_options))

/* Errors in a configuration are so many at most, and then a count. */
#define PIM_ERRORS_LISTED 20

/* Owns everything it points to. Zero-initialised, it is an empty policy that
 * pim_policy_free accepts. */
struct pim_policy {
	struct pim_listed *listed; /* in the order read */
	size_t listed_count;
	struct pim_partner *partners;
	size_t partner_count;
	struct pim_row rows[PIM_ROWS_MAX];
	size_t row_count;
	struct pim_options options;
	struct pim_origin option_origins[PIM_OPTION_COUNT]; /* line 0: not set, so the default */
	struct pim_source *files;			    /* [0] is the configuration file */
	size_t file_count;
	uint64_t source_bytes;	      /* of all files, as often as they were read */
	struct pim_findings errors;   /* why it was refused; empty once it is read */
	struct pim_findings warnings; /* what it allows, and may not mean */
	bool av_is_access;	      /* edge.av is not set: same as edge.access */
	bool messenger_is_clients;    /* messenger is not set: same as clients */
};

/* Adds a copy of *listed. Returns 0, or -ENOMEM and fills *error. */
int pim_listed_add(struct pim_policy *policy, const struct pim_listed *listed,
		   struct pim_error *error);

/* Fills *policy with the built-in rows, all enabled, and the default options. Returns 0,
 * or -ENOMEM and leaves an empty policy. */
int pim_policy_init(struct pim_policy *policy);
void pim_policy_free(struct pim_policy *policy);

/* Enough for "FILE:LINE", and the NUL. */
#define PIM_ORIGIN_TEXT 288

/* Writes "FILE:LINE" (or "FILE" for line 0) and returns text. */
char *pim_origin_format(const struct pim_policy *policy, struct pim_origin origin,
			char text[PIM_ORIGIN_TEXT]);

/* Enough for the longest finding, and the NUL. */
#define PIM_FINDING_TEXT 1536

/* Writes "FILE:LINE: TEXT: REMEDY" and returns text. */
char *pim_finding_format(const struct pim_policy *policy, const struct pim_finding *finding,
			 char text[PIM_FINDING_TEXT]);

/* The port ranges of a row as "LOW-HIGH, PORT", ending in "..." if they do not fit. Returns
 * text. */
#define PIM_PORTS_TEXT 128
char *pim_ports_format(const struct pim_row *row, char text[PIM_PORTS_TEXT]);

/* Names, as used in the configuration and in every output. Static strings; NULL for
 * a value out of range. */
const char *pim_role_name(enum pim_role role);		      /* "partner" */
const char *pim_role_title(enum pim_role role);		      /* "public IM partner" */
const char *pim_transport_name(enum pim_transport transport); /* "tcp" */
const char *pim_direction_name(enum pim_direction direction); /* "in" */
const char *pim_leg_name(enum pim_leg leg);		      /* "forward" */
const char *pim_verdict_name(enum pim_verdict verdict);	      /* "drop" */
const char *pim_outcome_reason(enum pim_outcome outcome);     /* "stun-shape" */
const char *pim_outcome_meaning(enum pim_outcome outcome);

/* Every option, in options.def order. */
struct pim_option_name {
	const char *name;	   /* "stun-shape" */
	size_t offset;		   /* of its byte in struct pim_options */
	const char *const *values; /* by value; NULL after the last */
};
extern const struct pim_option_name pim_option_names[PIM_OPTION_COUNT];

/* The name of an option's value, such as "observe"; `offset` is the option's in struct
 * pim_options. A static string; "?" if no option is at that offset. */
const char *pim_option_text(const struct pim_options *options, size_t offset);

#endif
