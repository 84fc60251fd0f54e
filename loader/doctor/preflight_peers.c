/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whom this host talks to by the interface: what would be cut, and what would keep it. */
#include "doctor/preflight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/quote.h"
#include "policy/arrival.h"
#include "policy/warn.h"

/* A conversation with a peer. */
struct talk {
	struct pim_prefix local, remote; /* host prefixes */
	enum pim_transport transport;
	uint16_t local_port, remote_port;
	bool called; /* the peer called: the service's port is ours */
};

static uint16_t service_of(const struct talk *talk)
{
	return talk->called ? talk->local_port : talk->remote_port;
}

/* Returns what becomes of what the peer sends in it. */
static enum pim_outcome outcome_of(const struct pim_preflight_case *at, const struct talk *talk)
{
	const struct pim_arrival arrival = {
		.source = talk->remote,
		.source_roles = pim_preflight_roles(at, &talk->remote),
		.destination_roles = pim_preflight_roles(at, &talk->local),
		.transport = talk->transport,
		.source_port = talk->remote_port,
		.destination_port = talk->local_port,
	};
	const struct pim_row *row;

	return pim_policy_judge(at->policy, &arrival, &row);
}

static const char *in_enforce_mode(const struct pim_preflight_case *at)
{
	return at->policy->options.mode == PIM_MODE_OBSERVE ? "with mode = enforce " : "";
}

/* Whether a row for this role is one for anybody: such a row is never advice. */
static bool holds_strangers(const struct pim_policy *policy, enum pim_role role)
{
	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];

		if (listed->roles & role &&
		    listed->prefix.length <
			    (listed->prefix.family == PIM_IPV4 ? PIM_WIDE4 : PIM_WIDE6))
			return true;
	}
	return false;
}

/* The peers that a row for one host has. */
static enum pim_role role_for(const struct pim_policy *policy, uint16_t roles)
{
	if (roles & PIM_ROLE_PARTNER)
		return PIM_ROLE_PARTNER;
	if (!roles || roles & PIM_ROLE_CLIENT)
		return holds_strangers(policy, PIM_ROLE_CLIENT) ? PIM_ROLE_PARTNER :
								  PIM_ROLE_CLIENT;
	return holds_strangers(policy, PIM_ROLE_MESSENGER) ? PIM_ROLE_PARTNER : PIM_ROLE_MESSENGER;
}

/* Writes what would keep a conversation that is cut with this outcome. */
static void keep(const struct pim_preflight_case *at, const struct talk *talk,
		 enum pim_outcome outcome, char text[512])
{
	char peer[PIM_PREFIX_TEXT], local[PIM_PREFIX_TEXT];
	uint16_t edge = pim_preflight_roles(at, &talk->local) & PIM_EDGE_ANY;
	uint16_t roles = pim_preflight_roles(at, &talk->remote) & PIM_PEER_ANY;
	enum pim_role role = role_for(at->policy, roles);
	const char *listing = roles & role	       ? "" :
			      role == PIM_ROLE_PARTNER ? " with it listed as a partner of its own" :
							 " with it listed as client";

	pim_prefix_format(&talk->remote, false, peer);
	pim_prefix_format(&talk->local, false, local);
	switch (outcome) {
	case PIM_DROP_NOT_EDGE:
		snprintf(text, 512, "list %s in edge, or leave not-edge = \"drop\" out", local);
		break;
	case PIM_DROP_MARTIAN:
		snprintf(text, 512,
			 "edge lists %s, or it is no address of a host: nothing keeps a packet "
			 "from there",
			 peer);
		break;
	case PIM_DROP_BLOCKED:
		snprintf(text, 512, "take %s out of block, or list it in failsafe", peer);
		break;
	default:
		snprintf(text, 512,
			 "%s { name = \"%s-%u\", transport = \"%s\", direction = \"%s\", edge = "
			 "\"%s\", peers = \"%s\", ports = [ \"%u\" ] } )%s; or list %s in failsafe",
			 "services = (", talk->called ? "in" : "out", service_of(talk),
			 pim_transport_name(talk->transport), talk->called ? "in" : "out",
			 pim_role_name(edge & PIM_ROLE_ACCESS ? PIM_ROLE_ACCESS : PIM_ROLE_AV),
			 pim_role_name(role), service_of(talk), listing, peer);
	}
}

/* ---- what is cut ---- */

struct cut {
	struct talk talk;
	enum pim_outcome outcome;
};
struct cuts {
	struct cut *list;
	size_t count;
};

/* By service and peer: those of one kind stand together. */
static int compare_cuts(const void *a, const void *b)
{
	const struct talk *first = &((const struct cut *)a)->talk;
	const struct talk *second = &((const struct cut *)b)->talk;

	return first->transport != second->transport ?
		       (int)first->transport - (int)second->transport :
	       first->called != second->called ?
		       first->called - second->called :
	       service_of(first) != service_of(second) ?
		       service_of(first) - service_of(second) :
		       pim_prefix_compare(&first->remote, &second->remote);
}

static void add_cut(const struct pim_preflight_case *at, struct cuts *cuts, const struct talk *talk,
		    enum pim_outcome outcome)
{
	struct cut *grown = pim_array_grow(cuts->list, cuts->count, sizeof(*grown));

	if (!grown) {
		at->doctor->out_of_memory = true;
		return;
	}
	cuts->list = grown;
	grown[cuts->count++] = (struct cut){ *talk, outcome };
}

/* "tcp 192.0.2.7 port 80, 3 times (role)" */
static void name_cuts(struct cuts *cuts, struct pim_phrase *phrase)
{
	char peer[PIM_PREFIX_TEXT], times[32];

	if (cuts->count)
		qsort(cuts->list, cuts->count, sizeof(*cuts->list), compare_cuts);
	for (size_t i = 0, next; i < cuts->count; i = next) {
		const struct talk *talk = &cuts->list[i].talk;

		for (next = i + 1; next < cuts->count; next++)
			if (compare_cuts(&cuts->list[i], &cuts->list[next]))
				break;
		snprintf(times, sizeof(times), ", %zu times", next - i);
		pim_phrase_add(
			phrase,
			talk->called ? "%s %s to port %u here%s (%s)" : "%s %s port %u%s (%s)",
			pim_transport_name(talk->transport),
			pim_prefix_format(&talk->remote, false, peer), service_of(talk),
			next - i > 1 ? times : "", pim_outcome_reason(cuts->list[i].outcome));
	}
}

static void say_cuts(const struct pim_preflight_case *at, const char *name, struct cuts *cuts,
		     const char *fine)
{
	struct pim_phrase phrase = {};
	struct pim_check *check;
	char kept[512];

	name_cuts(cuts, &phrase);
	if (!cuts->count) {
		pim_found(at->doctor, at->host->interface, name, "%s", fine);
		return;
	}
	check = pim_found(at->doctor, at->host->interface, name, "%swould be cut: %s",
			  in_enforce_mode(at), pim_phrase_text(&phrase));
	keep(at, &cuts->list[0].talk, cuts->list[0].outcome, kept);
	pim_advise(check, PIM_CHECK_WARNING, "%s%s",
		   phrase.listed + phrase.more > 1 ? "the first: " : "", kept);
}

/* ---- connections ---- */

/* Ports that somebody listens on, a bit each: any user may have a hundred thousand sockets. */
struct listened {
	uint8_t tcp[65536 / 8], udp[65536 / 8];
};

static uint8_t *bits_of(struct listened *listened, const struct pim_host_socket *socket)
{
	return &(socket->transport == PIM_TCP ? listened->tcp :
						listened->udp)[socket->local_port / 8];
}

static void note_listeners(const struct pim_host *host, struct listened *listened)
{
	for (size_t i = 0; i < host->socket_count; i++)
		if (!host->sockets[i].connected)
			*bits_of(listened, &host->sockets[i]) |= 1u
								 << host->sockets[i].local_port % 8;
}

static bool listens(struct listened *listened, const struct pim_host_socket *socket)
{
	return *bits_of(listened, socket) >> socket->local_port % 8 & 1;
}

static bool is_ssh(const struct pim_host *host, const struct talk *talk)
{
	return talk->called && talk->transport == PIM_TCP &&
	       (talk->local_port == host->ssh_port ||
		(host->session.peer.family && talk->local_port == host->session.local_port));
}

/* Collects what would be cut of the connections by this interface; ssh sessions apart. Returns
 * how many connections there are, and in *logins of those the sessions. */
static size_t find_cuts(const struct pim_preflight_case *at, struct cuts *cuts,
			struct cuts *ssh_cuts, size_t *logins, size_t *logins_judged)
{
	struct listened listened = {};
	size_t seen = 0;

	note_listeners(at->host, &listened);
	for (size_t i = 0; i < at->host->socket_count; i++) {
		const struct pim_host_socket *socket = &at->host->sockets[i];
		struct talk talk = { socket->local,	 socket->remote,      socket->transport,
				     socket->local_port, socket->remote_port, false };
		enum pim_outcome outcome;

		if (!socket->connected || !pim_preflight_own(at, &socket->local))
			continue;
		seen++;
		talk.called = listens(&listened, socket);
		outcome = outcome_of(at, &talk);
		if (is_ssh(at->host, &talk)) {
			(*logins)++;
			*logins_judged += outcome != PIM_PASS_NOT_EDGE;
		}
		if (pim_outcome_verdict(outcome) == PIM_DROP)
			add_cut(at, is_ssh(at->host, &talk) ? ssh_cuts : cuts, &talk, outcome);
	}
	return seen;
}

/* ---- the administrator ---- */

static const char *failsafe_of(struct cuts *cuts, struct pim_phrase *phrase)
{
	char peer[PIM_PREFIX_TEXT];

	for (size_t i = 0; i < cuts->count; i++)
		if (!i ||
		    pim_prefix_compare(&cuts->list[i].talk.remote, &cuts->list[i - 1].talk.remote))
			pim_phrase_add(phrase, "\"%s\"",
				       pim_prefix_format(&cuts->list[i].talk.remote, false, peer));
	return pim_phrase_text(phrase);
}

static void judge_ssh(const struct pim_preflight_case *at, struct cuts *cuts, size_t logins,
		      size_t judged)
{
	const struct pim_host_session *session = &at->host->session;
	const struct talk own = { session->local,      session->peer,	   PIM_TCP,
				  session->local_port, session->peer_port, true };
	struct pim_tally failsafe = at->tallies.roles[PIM_ROLE_BIT_FAILSAFE];
	bool is_here = session->peer.family && pim_preflight_own(at, &session->local);
	enum pim_outcome outcome = is_here ? outcome_of(at, &own) : PIM_PASS_NOT_EDGE;
	bool own_cut = pim_outcome_verdict(outcome) == PIM_DROP;
	struct pim_phrase phrase = {}, peers = {};
	const char *interface = at->host->interface;
	char peer[PIM_PREFIX_TEXT] = "";
	struct pim_check *check;

	if (is_here)
		pim_prefix_format(&session->peer, false, peer);
	if (own_cut) {
		check = pim_found(at->doctor, interface, "ssh",
				  "%sthis very session would be cut: from %s to %u (%s)",
				  in_enforce_mode(at), peer, session->local_port,
				  pim_outcome_reason(outcome));
		pim_advise(check, PIM_CHECK_WARNING,
			   outcome == PIM_DROP_MARTIAN ?
				   "nothing keeps a packet from %s: take it out of edge" :
				   "failsafe = { addresses = [ \"%s\" ] }",
			   peer);
		return;
	}
	if (cuts->count) {
		name_cuts(cuts, &phrase);
		check = pim_found(at->doctor, interface, "ssh", "%swould be cut: %s",
				  in_enforce_mode(at), pim_phrase_text(&phrase));
		pim_advise(check, PIM_CHECK_WARNING, "failsafe = { addresses = [ %s ] }",
			   failsafe_of(cuts, &peers));
		return;
	}
	if (!is_here && *at->host->sockets_unknown)
		return;
	judged += is_here && outcome != PIM_PASS_NOT_EDGE;
	check = pim_found(at->doctor, interface, "ssh", "%s%s%s",
			  is_here ? "this session, from " :
			  logins  ? "all logins would stay" :
				    "nobody is logged in by this interface",
			  peer, is_here ? ", would stay" : "");
	if (judged && !failsafe.prefixes4 && !failsafe.prefixes6)
		pim_advise(check, PIM_CHECK_WARNING,
			   "there is no failsafe, and one edit of the rows or lists may end it: "
			   "failsafe = { addresses = [ \"%s\" ] }",
			   is_here ? peer : "ADDRESS of the administrator");
}

/* ---- servers ---- */

/* What no list tells: a server that is known by its name alone. It is cut for certain if no
 * role at all lets its answers in. */
static bool some_are_admitted(const struct pim_preflight_case *at, uint16_t port)
{
	for (size_t i = 0; i < at->host->address_count; i++) {
		const struct pim_host_address *own = &at->host->addresses[i];
		struct pim_arrival arrival = { .transport = PIM_UDP,
					       .source_port = port,
					       .destination_port = 32768 };
		const struct pim_row *row;
		enum pim_outcome outcome;

		if (!pim_preflight_reaches(at, own))
			continue;
		arrival.destination_roles = pim_preflight_roles(at, &own->address);
		for (unsigned int bit = 0; bit < PIM_ROLES; bit++) {
			struct pim_tally tally = at->tallies.roles[bit];

			if (tally.prefixes4 || tally.prefixes6)
				arrival.source_roles |= 1u << bit & PIM_PEER_ANY;
		}
		outcome = pim_policy_judge(at->policy, &arrival, &row);
		if (pim_outcome_verdict(outcome) == PIM_PASS)
			return true;
	}
	return false;
}

static void judge_servers(const struct pim_preflight_case *at, enum pim_server_kind kind,
			  const char *name, uint16_t port)
{
	struct pim_phrase cut = {}, kept = {};
	struct pim_check *check;
	struct talk first = {};
	enum pim_outcome first_outcome = PIM_PASS_RULE;
	char advice[512] = "";

	for (size_t i = 0; i < at->host->server_count; i++) {
		const struct pim_host_server *server = &at->host->servers[i];
		struct talk talk = { server->source, server->address, PIM_UDP, 32768, port, false };
		enum pim_outcome outcome;
		char text[PIM_QUOTE_TEXT];

		if (server->kind != kind)
			continue;
		pim_quote_line(server->name, strlen(server->name), text);
		if (!server->address.family) {
			if (some_are_admitted(at, port))
				pim_phrase_add(&kept, "%s if its addresses are listed", text);
			else
				pim_phrase_add(&cut, "%s (%s), whatever its addresses", text,
					       server->file);
			continue;
		}
		if (!server->source.family || !pim_preflight_own(at, &server->source))
			continue; /* it is asked by another interface */
		outcome = outcome_of(at, &talk);
		if (pim_outcome_verdict(outcome) == PIM_PASS) {
			pim_phrase_add(&kept, "%s", text);
			continue;
		}
		pim_phrase_add(&cut, "%s (%s, %s)", text, server->file,
			       pim_outcome_reason(outcome));
		if (first.remote.family)
			continue;
		first = talk;
		first_outcome = outcome;
	}
	if (!cut.listed) {
		if (kept.listed)
			pim_found(at->doctor, at->host->interface, name, "would answer: %s",
				  pim_phrase_text(&kept));
		return;
	}
	check = pim_found(at->doctor, at->host->interface, name, "%swould not answer: %s",
			  in_enforce_mode(at), pim_phrase_text(&cut));
	if (first.remote.family)
		keep(at, &first, first_outcome, advice);
	else
		snprintf(advice, sizeof(advice),
			 "services: a row with transport = \"udp\", direction = \"out\", ports = [ "
			 "\"%u\" ], and its addresses among the peers",
			 port);
	pim_advise(check, PIM_CHECK_WARNING, "%s%s", cut.listed + cut.more > 1 ? "the first: " : "",
		   advice);
}

void pim_judge_peers(const struct pim_preflight_case *at)
{
	struct cuts cuts = {}, ssh_cuts = {};
	size_t logins = 0, judged = 0, seen;

	seen = find_cuts(at, &cuts, &ssh_cuts, &logins, &judged);
	if (!*at->host->sockets_unknown)
		say_cuts(at, "connections", &cuts,
			 seen ? "none would be cut" : "none by this interface");
	judge_ssh(at, &ssh_cuts, logins, judged);
	judge_servers(at, PIM_SERVER_NAMES, "resolvers", 53);
	judge_servers(at, PIM_SERVER_TIME, "time-servers", 123);
	free(cuts.list);
	free(ssh_cuts.list);
}
