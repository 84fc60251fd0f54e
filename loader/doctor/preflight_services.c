/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What listens at addresses of the Edge: whom the rows let reach it. */
#include "doctor/preflight.h"

#include "policy/arrival.h"

enum reach {
	NOT_JUDGED, /* at no address of the Edge */
	NOBODY,	    /* but failsafe */
	SOME,	    /* whom the policy lists */
	ANSWERS,    /* strangers, if they send from the port of an out-row */
	STRANGERS,
};

/* The peer roles that any address of the family has, or that some have. */
static uint16_t roles_of(const struct pim_preflight_case *at, uint8_t family, bool every)
{
	uint16_t roles = 0;

	for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
		const struct pim_tally *tally = &at->tallies.roles[bit];

		if (!(1u << bit & (PIM_PEER_ANY | (every ? PIM_ROLE_BLOCK : 0))))
			continue;
		if (every ? (family == PIM_IPV4 ? tally->all4 : tally->all6) :
			    (family == PIM_IPV4 ? tally->prefixes4 : tally->prefixes6) > 0)
			roles |= 1u << bit;
	}
	return roles;
}

/* By family: IPv4, IPv6. */
struct crowds {
	uint16_t strangers[2], listed[2];
};

static enum reach reach_at(const struct pim_preflight_case *at, const struct crowds *crowds,
			   const struct pim_host_socket *socket,
			   const struct pim_host_address *address, const struct pim_row **row)
{
	unsigned int family = address->address.family == PIM_IPV6;
	struct pim_arrival arrival = {
		.source_roles = crowds->strangers[family],
		.destination_roles = pim_preflight_roles(at, &address->address),
		.transport = socket->transport,
		.destination_port = socket->local_port,
		.opens = socket->transport == PIM_TCP,
	};

	if (pim_policy_judge(at->policy, &arrival, row) == PIM_PASS_RULE)
		return (*row)->direction == PIM_OUT ? ANSWERS : STRANGERS;
	arrival.source_roles = crowds->listed[family];
	return pim_policy_judge(at->policy, &arrival, row) == PIM_PASS_RULE ? SOME : NOBODY;
}

static enum reach reach_of(const struct pim_preflight_case *at, const struct crowds *crowds,
			   const struct pim_host_socket *socket, const struct pim_row **row)
{
	enum reach best = NOT_JUDGED;

	for (size_t i = 0; i < at->host->address_count; i++) {
		const struct pim_host_address *own = &at->host->addresses[i];
		const struct pim_row *one;
		enum reach reach;

		if (!pim_preflight_reaches(at, own) || !pim_socket_takes(socket, own) ||
		    !(pim_preflight_roles(at, &own->address) & PIM_EDGE_ANY))
			continue;
		reach = reach_at(at, crowds, socket, own, &one);
		if (reach <= best)
			continue;
		best = reach;
		*row = one;
	}
	return best;
}

void pim_judge_services(const struct pim_preflight_case *at)
{
	const struct pim_policy *policy = at->policy;
	const char *interface = at->host->interface;
	const struct crowds crowds = {
		.strangers = { roles_of(at, PIM_IPV4, true), roles_of(at, PIM_IPV6, true) },
		.listed = { roles_of(at, PIM_IPV4, false), roles_of(at, PIM_IPV6, false) },
	};
	struct pim_tally failsafe = at->tallies.roles[PIM_ROLE_BIT_FAILSAFE];
	bool observes = policy->options.mode == PIM_MODE_OBSERVE;
	struct pim_services services[STRANGERS + 1] = {};
	const struct pim_row *answers = NULL;

	for (size_t i = 0; i < at->host->socket_count; i++) {
		const struct pim_host_socket *socket = &at->host->sockets[i];
		const struct pim_row *row = NULL;
		enum reach reach;

		if (socket->connected)
			continue;
		reach = reach_of(at, &crowds, socket, &row);
		if (reach == ANSWERS && !answers)
			answers = row;
		pim_services_add(&services[reach], socket->transport, socket->local_port);
	}
	pim_found(at->doctor, interface, "open-services", "%s%s%s",
		  services[STRANGERS].begun ? "strangers reach " :
					      "none that strangers reach by a row",
		  pim_phrase_text(&services[STRANGERS].phrase),
		  observes ? "; for now they reach everything (mode = observe)" : "");
	if (services[ANSWERS].begun)
		pim_advise(pim_found(at->doctor, interface, "open-answers",
				     "strangers reach %s, from the port of %s: to a stateless "
				     "filter that is an answer",
				     pim_phrase_text(&services[ANSWERS].phrase), answers->name),
			   PIM_CHECK_WARNING,
			   "narrow the peers of %s to the servers that are asked, or let the "
			   "services listen elsewhere",
			   answers->name);
	if (services[SOME].begun)
		pim_found(at->doctor, interface, "peer-services", "those whom rows list reach %s",
			  pim_phrase_text(&services[SOME].phrase));
	if (services[NOBODY].begun)
		pim_found(at->doctor, interface, "closed-services", "nobody%s reaches %s",
			  failsafe.prefixes4 || failsafe.prefixes6 ? " but failsafe" : "",
			  pim_phrase_text(&services[NOBODY].phrase));
}
