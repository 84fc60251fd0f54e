/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Holds a policy against the host that it is to protect: which of its addresses and services
 * nobody would judge, and which of its conversations would be cut. */
#ifndef PIMXDP_DOCTOR_PREFLIGHT_H
#define PIMXDP_DOCTOR_PREFLIGHT_H

#include "doctor/checks.h"
#include "image/compile.h"
#include "machine/host.h"
#include "policy/review.h"

/* Judges the facts; pure. The subject of its checks is the interface. A problem is a policy
 * that would judge nothing there. */
void pim_judge_preflight(const struct pim_host *host, const struct pim_policy *policy,
			 const struct pim_image *image, struct pim_doctor *doctor);

/* Reads the facts that it judges. Returns 0, or -errno with a text when there is no such
 * interface, or memory is short; the caller frees *host with pim_host_free in either case. */
int pim_preflight_read(const char *interface, const struct pim_policy *policy,
		       struct pim_host *host, struct pim_error *error);

/* Reads the facts of an interface, and judges them. Returns 0, or -errno with a text when
 * there is no such interface, or memory is short. */
int pim_preflight(const char *interface, const struct pim_policy *policy,
		  const struct pim_image *image, struct pim_doctor *doctor,
		  struct pim_error *error);

/* Whether one of the host's addresses, reached by the interface, is one of the Edge. */
bool pim_preflight_concerns(const struct pim_host *host, const struct pim_image *image);

/* Whether a policy cannot be held against the host yet: the interface reaches no address of it,
 * and it leads on to no others. Services that begin early see this at each boot. Without an
 * image, addresses on lo do not count. */
bool pim_preflight_is_early(const struct pim_host *host, const struct pim_image *image);

/* ---- private to this room ---- */

/* What is held against what. */
struct pim_preflight_case {
	const struct pim_host *host;
	const struct pim_policy *policy;
	const struct pim_image *image;
	struct pim_doctor *doctor;
	struct pim_tallies tallies; /* of the policy */
};

/* The roles of a host prefix. */
uint16_t pim_preflight_roles(const struct pim_preflight_case *at, const struct pim_prefix *address);
/* Whether packets for an address of the host come by the interface. */
bool pim_preflight_reaches(const struct pim_preflight_case *at,
			   const struct pim_host_address *address);
/* The address of the host that it is, if packets for it come by the interface; or NULL. */
const struct pim_host_address *pim_preflight_own(const struct pim_preflight_case *at,
						 const struct pim_prefix *address);

/* A list in a sentence: "a, b, c and 7 more". All zero at first. */
struct pim_phrase {
	char text[320];
	size_t length, listed, more;
};
void pim_phrase_add(struct pim_phrase *phrase, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Appends what does not fit; returns the text. */
const char *pim_phrase_text(struct pim_phrase *phrase);

/* Services in a sentence: "tcp 22, 80; udp 53". Add them by transport and port; the same again
 * counts once. */
struct pim_services {
	struct pim_phrase phrase;
	bool begun;
	enum pim_transport transport;
	uint16_t port; /* the last one */
};
void pim_services_add(struct pim_services *services, enum pim_transport transport, uint16_t port);
/* Whether the socket takes what arrives for the address. */
bool pim_socket_takes(const struct pim_host_socket *socket, const struct pim_host_address *address);

/* Parts of pim_judge_preflight: what listens here, and whom this host talks to. */
void pim_judge_services(const struct pim_preflight_case *at);
void pim_judge_peers(const struct pim_preflight_case *at);

#endif
