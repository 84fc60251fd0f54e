/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/warn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/names.h"
#include "base/text.h"
#include "policy/review.h"

/* Of one kind so many are named. */
#define NAMED 5

enum kind {
	EMPTY_PARTNER,
	WIDE_PARTNER,
	WIDE_FAILSAFE,
	MARTIAN,
	IN_EDGE,
	BLOCKED,
	KINDS,
};

struct review {
	struct pim_policy *policy;
	const struct pim_listed *wide[PIM_ROLES]; /* the first wide prefix of each role, by bit */
	unsigned int roles;			  /* that have any address */
	size_t found[KINDS];
	bool martian_starts[2][256]; /* IPv4, IPv6: a martian range has this first byte */
	bool out_of_memory;
};

static void __attribute__((format(printf, 4, 5)))
warn(struct review *review, struct pim_origin origin, const char *remedy, const char *format, ...)
{
	char text[768];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (pim_findings_add(&review->policy->warnings, PIM_WARNING, origin, text, remedy))
		review->out_of_memory = true;
}

/* Whether one more of this kind is named. */
static bool named(struct review *review, enum kind kind)
{
	return ++review->found[kind] <= NAMED;
}

static void warn_of_the_others(struct review *review)
{
	static const char *const titles[KINDS] = {
		[EMPTY_PARTNER] = "partners without addresses",
		[WIDE_PARTNER] = "partners' prefixes that hold strangers",
		[WIDE_FAILSAFE] = "failsafe prefixes that are as wide",
		[MARTIAN] = "prefixes that are martian",
		[IN_EDGE] = "prefixes that are the Edge's own",
		[BLOCKED] = "prefixes that block holds whole",
	};
	char count[PIM_GROUPED];

	for (size_t kind = 0; kind < KINDS; kind++)
		if (review->found[kind] > NAMED)
			warn(review, (struct pim_origin){}, NULL, "there are %s more %s",
			     pim_grouped(review->found[kind] - NAMED, count), titles[kind]);
}

/* ---- covers ---- */

/* The prefixes of some roles, without those that another contains, in order. */
struct cover {
	struct pim_listed *listed;
	size_t count;
};

static int compare_listed(const void *left, const void *right)
{
	const struct pim_listed *a = left, *b = right;

	return pim_prefix_compare(&a->prefix, &b->prefix);
}

static bool is_sorted(const struct cover *cover)
{
	for (size_t at = 1; at < cover->count; at++)
		if (compare_listed(&cover->listed[at - 1], &cover->listed[at]) > 0)
			return false;
	return true;
}

/* The first sixteen bits of the addresses that are looked for in covers. */
#define STARTS_BYTES (65536 / 8)
struct starts {
	uint8_t bits[2][STARTS_BYTES]; /* IPv4, IPv6 */
};

static uint8_t *start_of(struct starts *starts, const struct pim_prefix *prefix, uint8_t *bit)
{
	*bit = (uint8_t)(1u << prefix->address[1] % 8);
	return &starts->bits[prefix->family == PIM_IPV6]
			    [prefix->address[0] * 32 + prefix->address[1] / 8];
}

static void note_start(struct starts *starts, const struct pim_prefix *prefix)
{
	uint8_t bit, *byte = start_of(starts, prefix, &bit);

	*byte |= bit;
}

/* Whether one of them may be in the prefix. */
static bool may_hold(struct starts *starts, const struct pim_prefix *prefix)
{
	uint8_t bit, *byte = start_of(starts, prefix, &bit);

	return prefix->length < 16 || *byte & bit;
}

/* Leaves out what cannot hold any of `starts`: block lists are long, and to sort them takes
 * longer than to compile them. */
static struct cover cover_of(struct review *review, unsigned int roles, struct starts *starts)
{
	const struct pim_policy *policy = review->policy;
	struct cover cover = {};
	size_t kept = 0;

	if (!(review->roles & roles))
		return cover;
	for (size_t at = 0; at < policy->listed_count; at++) {
		const struct pim_listed *listed = &policy->listed[at];
		struct pim_listed *grown;

		if (!(listed->roles & roles) || !may_hold(starts, &listed->prefix))
			continue;
		grown = pim_array_grow(cover.listed, cover.count, sizeof(*grown));
		if (!grown) {
			review->out_of_memory = true;
			free(cover.listed);
			return (struct cover){};
		}
		cover.listed = grown;
		cover.listed[cover.count++] = *listed;
	}
	if (!is_sorted(&cover)) /* as long lists mostly are */
		qsort(cover.listed, cover.count, sizeof(*cover.listed), compare_listed);
	for (size_t at = 0; at < cover.count; at++)
		if (!kept ||
		    !pim_prefix_contains(&cover.listed[kept - 1].prefix, &cover.listed[at].prefix))
			cover.listed[kept++] = cover.listed[at];
	cover.count = kept;
	return cover;
}

/* The one that contains `prefix`, or NULL: the last that does not come after it, since none of
 * them contains another. */
static const struct pim_listed *covering(const struct cover *cover, const struct pim_prefix *prefix)
{
	size_t low = 0, high = cover->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (pim_prefix_compare(&cover->listed[middle].prefix, prefix) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low && pim_prefix_contains(&cover->listed[low - 1].prefix, prefix) ?
		       &cover->listed[low - 1] :
		       NULL;
}

/* ---- what is listed ---- */

static bool is_shorter(const struct pim_prefix *prefix, unsigned int bits4, unsigned int bits6)
{
	return prefix->length < (prefix->family == PIM_IPV4 ? bits4 : bits6);
}

/* What a prefix is listed for: partner "contoso", or failsafe. */
#define OWNER_TEXT (PIM_PARTNER_NAME + 16)
static const char *owner_of(const struct pim_policy *policy, const struct pim_listed *listed,
			    char text[OWNER_TEXT])
{
	if (listed->partner)
		snprintf(text, OWNER_TEXT, "partner \"%s\"",
			 policy->partners[listed->partner - 1].name);
	else /* a default may add a second role: the lower bit is the one it was listed under */
		snprintf(text, OWNER_TEXT, "%s",
			 pim_role_name((enum pim_role)(listed->roles & -listed->roles)));
	return text;
}

/* Long lists hold few martians, so most prefixes are asked only for their first byte. */
static void note_martians(struct review *review)
{
	for (const struct pim_martian *martian = pim_martians; martian->title; martian++) {
		const struct pim_prefix *range = &martian->prefix;
		unsigned int free_bits = range->length < 8 ? 8 - range->length : 0;

		for (unsigned int byte = 0; byte < 256; byte++)
			if (byte >> free_bits == (unsigned int)range->address[0] >> free_bits)
				review->martian_starts[range->family == PIM_IPV6][byte] = true;
	}
}

static const struct pim_martian *martian_of(const struct review *review,
					    const struct pim_prefix *prefix)
{
	if (!review->martian_starts[prefix->family == PIM_IPV6][prefix->address[0]])
		return NULL;
	for (const struct pim_martian *martian = pim_martians; martian->title; martian++)
		if (pim_prefix_contains(&martian->prefix, prefix))
			return martian;
	return NULL;
}

static void look_at_martian(struct review *review, const struct pim_listed *listed,
			    const struct pim_martian *martian)
{
	char prefix[PIM_PREFIX_TEXT], range[PIM_PREFIX_TEXT], owner[OWNER_TEXT];

	if (named(review, MARTIAN))
		warn(review, listed->origin, "list the addresses that its packets come from",
		     "%s \"%s\" is in %s (%s): packets from there are dropped as martian",
		     owner_of(review->policy, listed, owner),
		     pim_prefix_format(&listed->prefix, false, prefix),
		     pim_prefix_format(&martian->prefix, true, range), martian->title);
}

static void look_at_own(struct review *review, const struct pim_listed *listed,
			const struct pim_listed *edge)
{
	char prefix[PIM_PREFIX_TEXT], own[PIM_PREFIX_TEXT], owner[OWNER_TEXT];
	char where[PIM_ORIGIN_TEXT];
	bool locks_out = listed->roles & PIM_ROLE_FAILSAFE;

	if (named(review, IN_EDGE))
		warn(review, listed->origin,
		     "list in edge only what is the Edge's, an address each",
		     "%s \"%s\" is in \"%s\", which edge lists at %s as the Edge's own: packets from "
		     "there are dropped as martian%s",
		     owner_of(review->policy, listed, owner),
		     pim_prefix_format(&listed->prefix, false, prefix),
		     pim_prefix_format(&edge->prefix, false, own),
		     pim_origin_format(review->policy, edge->origin, where),
		     locks_out ? ", so the administrator is locked out" : "");
}

static void look_at_blocked(struct review *review, const struct pim_listed *listed,
			    const struct pim_listed *block)
{
	char prefix[PIM_PREFIX_TEXT], blocked[PIM_PREFIX_TEXT], owner[OWNER_TEXT];
	char where[PIM_ORIGIN_TEXT];

	if (named(review, BLOCKED))
		warn(review, listed->origin, "take one of the two away",
		     "%s \"%s\" is in \"%s\", which block lists at %s: nothing is admitted from it",
		     owner_of(review->policy, listed, owner),
		     pim_prefix_format(&listed->prefix, false, prefix),
		     pim_prefix_format(&block->prefix, false, blocked),
		     pim_origin_format(review->policy, block->origin, where));
}

static void look_at_width(struct review *review, const struct pim_listed *listed)
{
	const struct pim_policy *policy = review->policy;
	char prefix[PIM_PREFIX_TEXT];

	if (listed->roles & PIM_ROLE_FAILSAFE &&
	    is_shorter(&listed->prefix, PIM_WIDE_FAILSAFE4, PIM_WIDE_FAILSAFE6) &&
	    named(review, WIDE_FAILSAFE))
		warn(review, listed->origin, "list only the hosts that you administer from",
		     "failsafe \"%s\" is wider than /%d: all of it reaches every port of the Edge, "
		     "whatever the rows say",
		     pim_prefix_format(&listed->prefix, true, prefix),
		     listed->prefix.family == PIM_IPV4 ? PIM_WIDE_FAILSAFE4 : PIM_WIDE_FAILSAFE6);
	if (listed->partner && is_shorter(&listed->prefix, PIM_WIDE4, PIM_WIDE6) &&
	    named(review, WIDE_PARTNER))
		warn(review, listed->origin, "list the partner's own networks",
		     "partner \"%s\" holds \"%s\": strangers there are taken for this partner",
		     policy->partners[listed->partner - 1].name,
		     pim_prefix_format(&listed->prefix, true, prefix));
}

static void look_at_prefixes(struct review *review)
{
	const struct pim_policy *policy = review->policy;
	struct starts starts = {};
	struct cover edge, block;

	for (size_t at = 0; at < policy->listed_count; at++)
		if (policy->listed[at].roles & (PIM_PEER_ANY | PIM_ROLE_FAILSAFE))
			note_start(&starts, &policy->listed[at].prefix);
	edge = cover_of(review, PIM_EDGE_ANY, &starts);
	block = cover_of(review, PIM_ROLE_BLOCK, &starts);
	for (size_t at = 0; at < policy->listed_count; at++) {
		const struct pim_listed *listed = &policy->listed[at], *holder;
		const struct pim_martian *martian;

		if (!(listed->roles & (PIM_PEER_ANY | PIM_ROLE_FAILSAFE)))
			continue;
		martian = martian_of(review, &listed->prefix);
		if (!martian)
			look_at_width(review, listed);
		holder = martian ? NULL : covering(&edge, &listed->prefix);
		if (martian)
			look_at_martian(review, listed, martian);
		else if (holder)
			look_at_own(review, listed, holder);
		else if (!(listed->roles & PIM_ROLE_FAILSAFE) &&
			 (holder = covering(&block, &listed->prefix)))
			look_at_blocked(review, listed, holder);
	}
	free(edge.listed);
	free(block.listed);
}

static void look_at_partners(struct review *review)
{
	const struct pim_policy *policy = review->policy;
	bool *listed = calloc(policy->partner_count + 1, sizeof(*listed));

	if (!listed) {
		review->out_of_memory = true;
		return;
	}
	for (size_t at = 0; at < policy->listed_count; at++)
		listed[policy->listed[at].partner] = true;
	for (size_t at = 0; at < policy->partner_count; at++)
		if (!listed[at + 1] && named(review, EMPTY_PARTNER))
			warn(review, policy->partners[at].origin, NULL,
			     "partner \"%s\" has no addresses, so nothing is admitted from it",
			     policy->partners[at].name);
	free(listed);
}

/* ---- rows that strangers can use ---- */

static const struct pim_listed *wide_of(const struct review *review, enum pim_role role)
{
	return review->wide[__builtin_ctz(role)];
}

/* Who strangers are to a row: `client "0.0.0.0/0", edge.conf:7`. */
#define STRANGERS_TEXT (PIM_PREFIX_TEXT + PIM_ORIGIN_TEXT + 32)
static const char *strangers(const struct review *review, enum pim_role role,
			     char text[STRANGERS_TEXT])
{
	const struct pim_listed *wide = wide_of(review, role);
	char prefix[PIM_PREFIX_TEXT], where[PIM_ORIGIN_TEXT];

	snprintf(text, STRANGERS_TEXT, "%s \"%s\", %s", pim_role_name(role),
		 pim_prefix_format(&wide->prefix, true, prefix),
		 pim_origin_format(review->policy, wide->origin, where));
	return text;
}

static unsigned int port_count(const struct pim_row *row)
{
	unsigned int count = 0;

	for (size_t at = 0; at < row->range_count; at++)
		count += row->ranges[at].high - row->ranges[at].low + 1u;
	return count;
}

static void look_at_service(struct review *review, const struct pim_row *row)
{
	static const char narrower[] =
		"take the row out, or give it peers that hold only who answers, such as a partner "
		"of their own";
	char who[STRANGERS_TEXT], ports[PIM_PORTS_TEXT], count[PIM_GROUPED];

	strangers(review, row->peer_role, who);
	pim_ports_format(row, ports);
	if (row->direction == PIM_OUT && row->transport == PIM_UDP)
		warn(review, row->origin, narrower,
		     "row \"%s\" takes replies, which are not tracked, from anyone (%s): what comes "
		     "from UDP port %s reaches every UDP port of the Edge",
		     row->name, who, ports);
	else if (row->direction == PIM_OUT)
		warn(review, row->origin, narrower,
		     "row \"%s\" takes replies, which are not tracked, from anyone (%s): what comes "
		     "from TCP port %s reaches every TCP port of the Edge, for scans and floods, but "
		     "opens no connection",
		     row->name, who, ports);
	else if (port_count(row) > PIM_MANY_PORTS)
		warn(review, row->origin,
		     "list only ports that a service listens on, or narrower peers",
		     "row \"%s\" opens %s ports of the Edge to anyone (%s)", row->name,
		     pim_grouped(port_count(row), count), who);
}

/* The built-in out-rows whose peers have `role`: one warning for all. */
static void look_at_builtin(struct review *review, enum pim_role role)
{
	const struct pim_policy *policy = review->policy;
	const char *names[PIM_BUILTIN_ROWS + 1];
	char list[PIM_NAME_LIST], prefix[PIM_PREFIX_TEXT];
	bool udp = false, tcp = false;
	size_t count = 0;

	if (!wide_of(review, role))
		return;
	for (size_t at = 0; at < PIM_BUILTIN_ROWS && at < policy->row_count; at++) {
		const struct pim_row *row = &policy->rows[at];

		if (!row->enabled || row->direction != PIM_OUT || row->peer_role != role)
			continue;
		names[count++] = row->name;
		udp |= row->transport == PIM_UDP;
		tcp |= row->transport == PIM_TCP;
	}
	names[count] = NULL;
	if (!count)
		return;
	warn(review, wide_of(review, role)->origin,
	     "list only who is meant, or name what is not wanted in disable",
	     "\"%s\" gives anyone the role %s, and replies are not tracked: what comes from the ports "
	     "of %s reaches every port of the Edge, %s%s%s",
	     pim_prefix_format(&wide_of(review, role)->prefix, true, prefix), pim_role_name(role),
	     pim_name_list(names, list),
	     !udp ? "" :
	     policy->options.stun_shape == PIM_STUN_SHAPE_OFF ?
		    "by UDP with any payload" :
		    "by UDP if it looks like STUN or media",
	     udp && tcp ? ", " : "", tcp ? "by TCP without opening connections" : "");
}

static void look_at_rows(struct review *review)
{
	const struct pim_policy *policy = review->policy;

	for (size_t at = PIM_BUILTIN_ROWS; at < policy->row_count; at++)
		if (policy->rows[at].enabled && wide_of(review, policy->rows[at].peer_role))
			look_at_service(review, &policy->rows[at]);
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		if (PIM_PEER_ANY & (1u << bit) && (1u << bit) != PIM_ROLE_PARTNER)
			look_at_builtin(review, (enum pim_role)(1u << bit));
}

/* Enabled rows whose peer role has no addresses. */
static void look_at_idle_rows(struct review *review, enum pim_role role)
{
	const struct pim_policy *policy = review->policy;
	const char *names[PIM_ROWS_MAX + 1];
	char list[PIM_NAME_LIST];
	size_t count = 0;

	for (size_t row = 0; row < policy->row_count; row++)
		if (policy->rows[row].enabled && policy->rows[row].peer_role == role)
			names[count++] = policy->rows[row].name;
	names[count] = NULL;
	if (count)
		warn(review, (struct pim_origin){},
		     "list some, or name what is not wanted in disable",
		     "no address has the role %s, so nobody can use %s", pim_role_name(role),
		     pim_name_list(names, list));
}

/* ---- options ---- */

static struct pim_origin option_origin(const struct review *review, size_t offset)
{
	for (size_t at = 0; at < PIM_OPTION_COUNT; at++)
		if (pim_option_names[at].offset == offset)
			return review->policy->option_origins[at];
	return (struct pim_origin){};
}
#define ORIGIN(review, field) option_origin(review, offsetof(struct pim_options, field))

static bool has_stun_row(const struct pim_policy *policy)
{
	for (size_t at = 0; at < policy->row_count; at++)
		if (policy->rows[at].enabled && policy->rows[at].shape == PIM_SHAPE_STUN)
			return true;
	return false;
}

static void look_at_options(struct review *review)
{
	const struct pim_options *options = &review->policy->options;
	char who[STRANGERS_TEXT];
	enum pim_role wide = 0;

	for (unsigned int bit = 0; bit < PIM_ROLES && !wide; bit++)
		if (PIM_PEER_ANY & (1u << bit) && review->wide[bit])
			wide = (enum pim_role)(1u << bit);
	if (options->mode == PIM_MODE_OBSERVE)
		warn(review, ORIGIN(review, mode),
		     "use \"enforce\" once the counts are as expected",
		     "mode is \"observe\": everything passes, and what is wrong is only counted");
	if (options->fragments == PIM_FRAGMENTS_PASS && wide)
		warn(review, ORIGIN(review, fragments),
		     "use \"drop\" unless a partner's path needs fragments",
		     "fragments is \"pass\": later fragments, which have no ports to judge, reach the "
		     "Edge from anyone (%s)",
		     strangers(review, wide, who));
	if (options->ip_options == PIM_IP_OPTIONS_CLASSIFY)
		warn(review, ORIGIN(review, ip_options),
		     "use \"drop\" unless a partner sends options",
		     "ip-options is \"classify\": source routes are among the options, by which who "
		     "forges a partner's address gets the answers too");
	if (options->stun_shape == PIM_STUN_SHAPE_OFF && wide_of(review, PIM_ROLE_MESSENGER) &&
	    has_stun_row(review->policy))
		warn(review, ORIGIN(review, stun_shape), "use \"media\" or \"strict\"",
		     "stun-shape is \"off\": where the ports match, UDP with any payload is admitted "
		     "from anyone (%s)",
		     strangers(review, PIM_ROLE_MESSENGER, who));
}

/* ---- all of it ---- */

static void look_at_roles(struct review *review)
{
	const struct pim_policy *policy = review->policy;

	for (size_t at = 0; at < policy->listed_count; at++) {
		const struct pim_listed *listed = &policy->listed[at];

		review->roles |= listed->roles;
		for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
			if (listed->roles & (1u << bit) && !review->wide[bit] &&
			    is_shorter(&listed->prefix, PIM_WIDE4, PIM_WIDE6))
				review->wide[bit] = listed;
	}
}

int pim_policy_warn(struct pim_policy *policy)
{
	struct review review = { .policy = policy };
	bool enabled = false;

	note_martians(&review);
	look_at_roles(&review);
	look_at_partners(&review);
	look_at_prefixes(&review);
	look_at_rows(&review);
	look_at_options(&review);
	for (size_t row = 0; row < policy->row_count; row++)
		enabled |= policy->rows[row].enabled;
	if (!enabled)
		warn(&review, (struct pim_origin){}, NULL,
		     "every row is disabled, so nothing but ICMP and failsafe addresses reaches the "
		     "Edge");
	for (unsigned int bit = 0; bit < PIM_ROLES; bit++)
		if ((PIM_PEER_ANY & ~review.roles) & (1u << bit))
			look_at_idle_rows(&review, (enum pim_role)(1u << bit));
	warn_of_the_others(&review);
	return review.out_of_memory ? -ENOMEM : 0;
}
