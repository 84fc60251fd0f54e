/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The addresses of the host against those of the Edge, and the ports of its calls. */
#include "doctor/preflight.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quote.h"
#include "base/text.h"
#include "image/read.h"

/* ---- sentences ---- */

void pim_phrase_add(struct pim_phrase *phrase, const char *format, ...)
{
	/* Room for " and 4294967295 more". */
	const size_t most = sizeof(phrase->text) - 24;
	char item[128];
	va_list arguments;
	size_t needed;

	va_start(arguments, format);
	vsnprintf(item, sizeof(item), format, arguments);
	va_end(arguments);
	needed = strlen(item) + 2;
	if (phrase->more || phrase->length + needed > most) {
		phrase->more++;
		return;
	}
	phrase->length += snprintf(phrase->text + phrase->length, needed + 1, "%s%s",
				   phrase->listed ? ", " : "", item);
	phrase->listed++;
}

const char *pim_phrase_text(struct pim_phrase *phrase)
{
	if (phrase->more)
		snprintf(phrase->text + phrase->length, sizeof(phrase->text) - phrase->length,
			 " and %zu more", phrase->more);
	return phrase->text;
}

void pim_services_add(struct pim_services *services, enum pim_transport transport, uint16_t port)
{
	enum { AT_MOST = 16 };
	struct pim_phrase *phrase = &services->phrase;
	bool other = !services->begun || services->transport != transport;

	if (!other && services->port == port)
		return;
	services->begun = true;
	services->port = port;
	services->transport = transport;
	if (phrase->listed >= AT_MOST) {
		phrase->more++;
	} else if (other && phrase->listed) {
		phrase->listed++;
		phrase->length += snprintf(phrase->text + phrase->length,
					   sizeof(phrase->text) - phrase->length, "; %s %u",
					   pim_transport_name(transport), port);
	} else {
		pim_phrase_add(phrase, "%s%s%u", other ? pim_transport_name(transport) : "",
			       other ? " " : "", port);
	}
}

bool pim_socket_takes(const struct pim_host_socket *socket, const struct pim_host_address *address)
{
	if (socket->connected || (socket->ifindex && socket->ifindex != address->ifindex))
		return false;
	if (socket->local.length)
		return !pim_prefix_compare(&socket->local, &address->address);
	return socket->local.family == address->address.family || socket->both_families;
}

/* ---- addresses ---- */

uint16_t pim_preflight_roles(const struct pim_preflight_case *at, const struct pim_prefix *address)
{
	return pim_addresses_look_up(at->image->addresses.words, address).roles;
}

static bool is_edge(const struct pim_preflight_case *at, const struct pim_prefix *address)
{
	return pim_preflight_roles(at, address) & PIM_EDGE_ANY;
}

/* An address of the Edge on lo is reached by whichever interface leads to it. */
bool pim_preflight_reaches(const struct pim_preflight_case *at,
			   const struct pim_host_address *address)
{
	return address->here || (address->portable && is_edge(at, &address->address));
}

const struct pim_host_address *pim_preflight_own(const struct pim_preflight_case *at,
						 const struct pim_prefix *address)
{
	for (size_t i = 0; i < at->host->address_count; i++) {
		const struct pim_host_address *own = &at->host->addresses[i];

		if (!pim_prefix_compare(&own->address, address) && pim_preflight_reaches(at, own))
			return own;
	}
	return NULL;
}

/* How many characters must be put in, taken out or changed to make one text of the other. */
static unsigned int edits(const char *from, const char *to)
{
	unsigned int row[PIM_PREFIX_TEXT];
	size_t width = strlen(to);

	for (size_t i = 0; i <= width; i++)
		row[i] = i;
	for (size_t i = 0; from[i]; i++) {
		unsigned int diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			unsigned int change = diagonal + (from[i] != to[j]);

			diagonal = row[j + 1];
			if (change > diagonal + 1)
				change = diagonal + 1;
			if (change > row[j] + 1)
				change = row[j] + 1;
			row[j + 1] = change;
		}
	}
	return row[width];
}

/* The address of the interface that looks most like this one; NULL: none of its family. */
static const struct pim_host_address *nearest(const struct pim_preflight_case *at,
					      const struct pim_prefix *prefix)
{
	const struct pim_host_address *best = NULL;
	char wanted[PIM_PREFIX_TEXT], text[PIM_PREFIX_TEXT];
	unsigned int least = 0;

	pim_prefix_format(prefix, false, wanted);
	for (size_t i = 0; i < at->host->address_count; i++) {
		const struct pim_host_address *own = &at->host->addresses[i];
		unsigned int distance;

		if (!own->here || own->address.family != prefix->family)
			continue;
		distance = edits(wanted, pim_prefix_format(&own->address, false, text));
		if (best && distance >= least)
			continue;
		best = own;
		least = distance;
	}
	return best;
}

static bool forwards(const struct pim_host *host, uint8_t family)
{
	return family == PIM_IPV4 ? host->forwards4 : host->forwards6;
}

/* Whether the Edge's address may be that of somebody behind this box. */
static bool is_behind(const struct pim_host *host, const struct pim_prefix *prefix)
{
	bool behind = host->bridged;

	for (size_t i = 0; !behind && i < host->behind_count; i++)
		behind = forwards(host, prefix->family) &&
			 !pim_prefix_compare(&host->behind[i], prefix);
	return behind;
}

/* Those of the Edge that are no address of the host: how they look in a message. */
struct absent {
	struct pim_phrase listed, meant, elsewhere;
};

static bool has_one_of(const struct pim_preflight_case *at, const struct pim_prefix *prefix)
{
	for (size_t i = 0; i < at->host->address_count; i++)
		if (pim_preflight_reaches(at, &at->host->addresses[i]) &&
		    pim_prefix_contains(prefix, &at->host->addresses[i].address))
			return true;
	return false;
}

static const char *other_interface(const struct pim_preflight_case *at,
				   const struct pim_prefix *prefix)
{
	for (size_t i = 0; i < at->host->address_count; i++)
		if (pim_prefix_contains(prefix, &at->host->addresses[i].address))
			return at->host->addresses[i].interface;
	return NULL;
}

/* An address may be listed twice, for both roles. */
static bool was_listed(const struct pim_policy *policy, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (policy->listed[i].roles & PIM_EDGE_ANY &&
		    !pim_prefix_compare(&policy->listed[i].prefix, &policy->listed[index].prefix))
			return true;
	return false;
}

static struct absent find_absent(const struct pim_preflight_case *at)
{
	const struct pim_policy *policy = at->policy;
	struct absent absent = {};

	for (size_t i = 0; i < policy->listed_count; i++) {
		const struct pim_listed *listed = &policy->listed[i];
		char text[PIM_PREFIX_TEXT], other[PIM_PREFIX_TEXT], path[PIM_QUOTE_PATH];
		const struct pim_host_address *near;
		const char *interface;

		if (!(listed->roles & PIM_EDGE_ANY) || is_behind(at->host, &listed->prefix) ||
		    was_listed(policy, i) || has_one_of(at, &listed->prefix))
			continue;
		pim_prefix_format(&listed->prefix, false, text);
		interface = other_interface(at, &listed->prefix);
		if (policy->file_count > listed->origin.file)
			pim_phrase_add(
				&absent.listed, "%s (%.60s:%u)", text,
				pim_quote_path(policy->files[listed->origin.file].path, path),
				listed->origin.line);
		else
			pim_phrase_add(&absent.listed, "%s", text);
		if (interface) {
			pim_phrase_add(&absent.elsewhere, "%s is on %s", text, interface);
			continue;
		}
		near = nearest(at, &listed->prefix);
		if (near)
			pim_phrase_add(&absent.meant, "%s for %s",
				       pim_prefix_format(&near->address, false, other), text);
	}
	return absent;
}

/* Writes what to do about them. */
static void advise_on_absent(struct absent *absent, const char *interface, char text[512])
{
	size_t length = 0;

	text[0] = '\0';
	if (absent->elsewhere.listed)
		length += snprintf(text, 512, "%s: attach there; ",
				   pim_phrase_text(&absent->elsewhere));
	if (absent->meant.listed)
		length +=
			snprintf(text + length, 512 - length, "is it mistyped? nearest here: %s; ",
				 pim_phrase_text(&absent->meant));
	snprintf(text + length, 512 - length,
		 "with a NAT on the way, list the address that packets have when they arrive at %s",
		 interface);
}

/* The services that strangers reach at addresses of the host that are not the Edge's. */
static void name_unjudged(const struct pim_preflight_case *at, struct pim_services *services)
{
	for (size_t i = 0; i < at->host->socket_count; i++) {
		const struct pim_host_socket *socket = &at->host->sockets[i];

		for (size_t j = 0; j < at->host->address_count; j++) {
			const struct pim_host_address *own = &at->host->addresses[j];

			if (!own->here || is_edge(at, &own->address) ||
			    !pim_socket_takes(socket, own))
				continue;
			pim_services_add(services, socket->transport, socket->local_port);
			break;
		}
	}
}

/* The addresses that the interface has and `edge` lacks. */
static void judge_unlisted(const struct pim_preflight_case *at, struct pim_phrase *unlisted)
{
	const struct pim_host *host = at->host;
	struct pim_services services = {};
	struct pim_check *check;

	if (at->policy->options.not_edge == PIM_NOT_EDGE_DROP) {
		pim_found(at->doctor, host->interface, "edge-unlisted",
			  "%s: not in edge, so nothing reaches %s (not-edge = drop)",
			  pim_phrase_text(unlisted),
			  unlisted->listed + unlisted->more > 1 ? "them" : "it");
		return;
	}
	name_unjudged(at, &services);
	check = pim_found(
		at->doctor, host->interface, "edge-unlisted",
		"%s: not in edge, so strangers reach all that listens there (not-edge)%s%s",
		pim_phrase_text(unlisted),
		services.phrase.listed ? ": " :
		*host->sockets_unknown ? "" :
					 "; nothing does now",
		pim_phrase_text(&services.phrase));
	pim_advise(check, PIM_CHECK_WARNING,
		   "list %s in edge, or set not-edge = \"drop\" in options, which keeps failsafe "
		   "from %s, too",
		   unlisted->listed + unlisted->more > 1 ? "them" : "it",
		   unlisted->listed + unlisted->more > 1 ? "them" : "it");
}

static void judge_nothing_judged(const struct pim_preflight_case *at, struct pim_phrase *unlisted,
				 struct absent *absent)
{
	const struct pim_host *host = at->host;
	bool drops = at->policy->options.not_edge == PIM_NOT_EDGE_DROP;
	struct pim_check *check;
	char advice[512];

	if (!absent->listed.listed) {
		pim_found(at->doctor, host->interface, "edge-addresses",
			  "none here: behind this box, %s",
			  host->bridged ? "to which a bridge leads" : "which leads on to them");
		return;
	}
	check = pim_found(
		at->doctor, host->interface, "edge-addresses",
		drops ? "%s would be shut off: of its addresses (%s) none is in edge: %s" :
			"nothing for %s would be judged: of its addresses (%s) none is in "
			"edge: %s",
		host->interface, pim_phrase_text(unlisted), pim_phrase_text(&absent->listed));
	advise_on_absent(absent, host->interface, advice);
	/* What forwards may have others behind it, to which a NAT of its own leads. */
	pim_advise(check,
		   drops || host->forwards4 || host->forwards6 ? PIM_CHECK_WARNING :
								 PIM_CHECK_PROBLEM,
		   "%s", advice);
}

/* Returns whether the host has an address that is judged. */
static bool judge_addresses(const struct pim_preflight_case *at)
{
	const struct pim_host *host = at->host;
	struct pim_phrase unlisted = {}, judged = {};
	struct absent absent;
	struct pim_check *check;
	char text[PIM_PREFIX_TEXT], advice[512];

	if (*host->addresses_unknown) {
		pim_advise(pim_found(at->doctor, host->interface, "edge-addresses",
				     "whether they are here is unknown: %s",
				     host->addresses_unknown),
			   PIM_CHECK_WARNING, "compare edge with ip address show dev %s",
			   host->interface);
		return false;
	}
	for (size_t i = 0; i < host->address_count; i++) {
		const struct pim_host_address *own = &host->addresses[i];
		bool stacked = strcmp(own->interface, host->interface);

		if (!pim_preflight_reaches(at, own))
			continue;
		pim_phrase_add(is_edge(at, &own->address) ? &judged : &unlisted,
			       stacked ? "%s (%s)" : "%s",
			       pim_prefix_format(&own->address, false, text), own->interface);
	}
	if (!judged.listed && !unlisted.listed) {
		pim_found(at->doctor, host->interface, "edge-addresses",
			  "none here, as %s has no address of this host", host->interface);
		return false;
	}
	absent = find_absent(at);
	if (!judged.listed) {
		judge_nothing_judged(at, &unlisted, &absent);
	} else {
		pim_found(at->doctor, host->interface, "edge-addresses", "%s: judged",
			  pim_phrase_text(&judged));
		if (absent.listed.listed) {
			check = pim_found(at->doctor, host->interface, "edge-absent",
					  "%s: in edge, and not on %s",
					  pim_phrase_text(&absent.listed), host->interface);
			advise_on_absent(&absent, host->interface, advice);
			pim_advise(check, PIM_CHECK_WARNING, "%s", advice);
		}
	}
	if (unlisted.listed)
		judge_unlisted(at, &unlisted);
	return judged.listed;
}

/* ---- the ports of calls ---- */

static bool is_reserved(const struct pim_host *host, unsigned int port)
{
	for (size_t i = 0; i < host->reserved_count; i++)
		if (host->reserved[i].low <= port && port <= host->reserved[i].high)
			return true;
	return false;
}

/* Of the ports that the kernel gives to calls, how many are in a range. */
static unsigned int drawn_from(const struct pim_host *host, const struct pim_port_range *range)
{
	unsigned int low = range->low > host->local_ports.low ? range->low : host->local_ports.low;
	unsigned int high =
		range->high < host->local_ports.high ? range->high : host->local_ports.high;
	unsigned int count = 0;

	for (unsigned int port = low; port <= high; port++)
		count += !is_reserved(host, port);
	return count;
}

/* Whether what arrives for such a port of the host meets the row whatever the other port is. */
static bool owns_ports(const struct pim_preflight_case *at, const struct pim_row *row)
{
	bool has = false;

	if (!row->enabled || (row->direction == PIM_OUT &&
			      (row->port_end != PIM_PORT_END_OPTION ||
			       at->policy->options.rtp_port_end == PIM_RTP_PORT_END_PEER)))
		return false;
	for (size_t i = 0; !has && i < at->host->address_count; i++) {
		const struct pim_host_address *own = &at->host->addresses[i];

		has = pim_preflight_reaches(at, own) &&
		      pim_preflight_roles(at, &own->address) & row->edge_role;
	}
	return has;
}

static void judge_port_range(const struct pim_preflight_case *at)
{
	/* A port or two of a service do no harm: the kernel hardly ever draws them. */
	enum { HARMFUL = 256 };
	const struct pim_host *host = at->host;
	const struct pim_port_range whole = { host->local_ports.low, host->local_ports.high };
	const struct pim_row *row = NULL;
	unsigned int most = 0, all = drawn_from(host, &whole);
	const struct pim_port_range *range = NULL;
	char some[PIM_GROUPED], total[PIM_GROUPED];
	struct pim_check *check;

	if (!host->local_ports.low) {
		pim_advise(pim_found(at->doctor, host->interface, "port-range",
				     "unknown: net.ipv4.ip_local_port_range cannot be read"),
			   PIM_CHECK_WARNING,
			   "sysctl net.ipv4.ip_local_port_range: expected no "
			   "port of a row with a range");
		return;
	}
	for (size_t i = 0; i < at->policy->row_count; i++) {
		const struct pim_row *candidate = &at->policy->rows[i];

		for (size_t j = 0; owns_ports(at, candidate) && j < candidate->range_count; j++) {
			unsigned int drawn = drawn_from(host, &candidate->ranges[j]);

			if (drawn <= most)
				continue;
			most = drawn;
			row = candidate;
			range = &candidate->ranges[j];
		}
	}
	if (most < HARMFUL) {
		pim_found(at->doctor, host->interface, "port-range",
			  "%u-%u for this host's calls: apart from the rows", whole.low,
			  whole.high);
		return;
	}
	check = pim_found(at->doctor, host->interface, "port-range",
			  "%s of the %s ports that the kernel gives to this host's calls "
			  "(%u-%u) are of %s (%u-%u): answers to those are judged by that row, to "
			  "others not",
			  pim_grouped(most, some), pim_grouped(all, total), whole.low, whole.high,
			  row->name, range->low, range->high);
	if (range->low > whole.low && range->low - whole.low >= 4096)
		pim_advise(check, PIM_CHECK_WARNING,
			   "sysctl -w net.ipv4.ip_local_port_range=\"%u %u\"; what this host calls "
			   "needs an out-row of its own",
			   whole.low, range->low - 1);
	else
		pim_advise(check, PIM_CHECK_WARNING,
			   "sysctl -w net.ipv4.ip_local_reserved_ports=%u-%u; what this host calls "
			   "needs an out-row of its own",
			   range->low, range->high);
}

/* ---- all of it ---- */

void pim_judge_preflight(const struct pim_host *host, const struct pim_policy *policy,
			 const struct pim_image *image, struct pim_doctor *doctor)
{
	struct pim_preflight_case at = {
		.host = host, .policy = policy, .image = image, .doctor = doctor
	};
	bool judged = judge_addresses(&at);

	if (*host->addresses_unknown || (!judged && policy->options.not_edge != PIM_NOT_EDGE_DROP))
		return; /* nothing that this host does is judged */
	if (pim_policy_tally(policy, &at.tallies)) {
		doctor->out_of_memory = true;
		return;
	}
	if (*host->sockets_unknown)
		pim_advise(pim_found(doctor, host->interface, "sockets", "unknown: %s",
				     host->sockets_unknown),
			   PIM_CHECK_WARNING,
			   "compare the policy with what ss -tuan shows on this host");
	else
		pim_judge_services(&at);
	pim_judge_peers(&at);
	if (judged)
		judge_port_range(&at);
	free(at.tallies.partners);
}

bool pim_preflight_concerns(const struct pim_host *host, const struct pim_image *image)
{
	const struct pim_preflight_case at = { .host = host, .image = image };

	for (size_t i = 0; i < host->address_count; i++)
		if (host->addresses[i].here && is_edge(&at, &host->addresses[i].address))
			return true;
	return false;
}

bool pim_preflight_is_early(const struct pim_host *host, const struct pim_image *image)
{
	const struct pim_preflight_case at = { .host = host, .image = image };

	if (*host->addresses_unknown || host->bridged || host->forwards4 || host->forwards6)
		return false;
	for (size_t i = 0; i < host->address_count; i++)
		if (host->addresses[i].here ||
		    (image && pim_preflight_reaches(&at, &host->addresses[i])))
			return false;
	return true;
}

int pim_preflight_read(const char *interface, const struct pim_policy *policy,
		       struct pim_host *host, struct pim_error *error)
{
	int result = pim_host_read(interface, host, error);

	for (size_t i = 0; !result && i < policy->listed_count; i++)
		if (policy->listed[i].roles & PIM_EDGE_ANY &&
		    forwards(host, policy->listed[i].prefix.family))
			pim_host_look_behind(host, &policy->listed[i].prefix);
	return result;
}

int pim_preflight(const char *interface, const struct pim_policy *policy,
		  const struct pim_image *image, struct pim_doctor *doctor, struct pim_error *error)
{
	struct pim_host host;
	int result = pim_preflight_read(interface, policy, &host, error);

	if (!result)
		pim_judge_preflight(&host, policy, image, doctor);
	pim_host_free(&host);
	if (!result && doctor->out_of_memory)
		result = pim_out_of_memory(error);
	return result;
}
