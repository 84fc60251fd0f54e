/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "image/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAGIC = 0x706f6c69, /* "poli" */
	VERSION = 1,

	AV_IS_ACCESS = 1 << 0,
	MESSENGER_IS_CLIENTS = 1 << 1,
};

struct header {
	uint32_t magic, version;
	uint64_t size_bytes;
};

static size_t address_bytes(uint8_t family)
{
	return family == PIM_IPV4 ? 4 : 16;
}

/* ---- writing ---- */

/* First only counts, then writes: `bytes` is NULL for the count. */
struct writer {
	uint8_t *bytes;
	size_t used;
};

static void put(struct writer *writer, const void *from, size_t bytes)
{
	if (writer->bytes)
		memcpy(writer->bytes + writer->used, from, bytes);
	writer->used += bytes;
}

static void put_u8(struct writer *writer, uint8_t value)
{
	put(writer, &value, sizeof(value));
}

static void put_u16(struct writer *writer, uint16_t value)
{
	put(writer, &value, sizeof(value));
}

static void put_u32(struct writer *writer, uint32_t value)
{
	put(writer, &value, sizeof(value));
}

static void put_u64(struct writer *writer, uint64_t value)
{
	put(writer, &value, sizeof(value));
}

static void put_name(struct writer *writer, const char *name)
{
	size_t length = strlen(name);

	put_u8(writer, (uint8_t)length);
	put(writer, name, length);
}

static void put_row(struct writer *writer, const struct pim_row *row)
{
	put_name(writer, row->name);
	put_name(writer, row->service);
	put_u8(writer, row->transport);
	put_u8(writer, row->direction);
	put_u8(writer, row->port_end);
	put_u8(writer, row->shape);
	put_u8(writer, row->enabled);
	put_u16(writer, (uint16_t)row->edge_role);
	put_u16(writer, (uint16_t)row->peer_role);
	put_u32(writer, (uint32_t)row->range_count);
	for (size_t i = 0; i < row->range_count; i++) {
		put_u16(writer, row->ranges[i].low);
		put_u16(writer, row->ranges[i].high);
	}
}

static bool same_run(const struct pim_listed *a, const struct pim_listed *b)
{
	return a->prefix.family == b->prefix.family && a->roles == b->roles &&
	       a->partner == b->partner;
}

static void put_prefixes(struct writer *writer, const struct pim_policy *policy)
{
	put_u64(writer, policy->listed_count);
	for (size_t at = 0; at < policy->listed_count;) {
		const struct pim_listed *first = &policy->listed[at];
		const size_t address = address_bytes(first->prefix.family);
		size_t count = 1;

		while (at + count < policy->listed_count && count < UINT32_MAX &&
		       same_run(first, &first[count]))
			count++;
		put_u8(writer, first->prefix.family);
		put_u16(writer, first->roles);
		put_u16(writer, first->partner);
		put_u32(writer, (uint32_t)count);
		if (!writer->bytes) /* to count them takes no walk */
			writer->used += count * (address + 1);
		for (size_t i = 0; writer->bytes && i < count; i++) {
			put(writer, first[i].prefix.address, address);
			put_u8(writer, first[i].prefix.length);
		}
		at += count;
	}
}

static void put_policy(struct writer *writer, const struct pim_policy *policy, size_t size_bytes)
{
	const struct header header = { MAGIC, VERSION, size_bytes };

	put(writer, &header, sizeof(header));
	put_u8(writer, PIM_OPTION_COUNT);
	put(writer, &policy->options, PIM_OPTION_COUNT);
	put_u8(writer, (policy->av_is_access ? AV_IS_ACCESS : 0) |
			       (policy->messenger_is_clients ? MESSENGER_IS_CLIENTS : 0));
	put_u32(writer, (uint32_t)policy->partner_count);
	for (size_t i = 0; i < policy->partner_count; i++)
		put_name(writer, policy->partners[i].name);
	put_u32(writer, (uint32_t)policy->row_count);
	for (size_t i = 0; i < policy->row_count; i++)
		put_row(writer, &policy->rows[i]);
	put_prefixes(writer, policy);
}

int pim_policy_pack(const struct pim_policy *policy, struct pim_pack *pack)
{
	struct writer writer = {};

	put_policy(&writer, policy, 0);
	*pack = (struct pim_pack){ malloc(writer.used), writer.used };
	if (!pack->bytes)
		return -ENOMEM;
	writer = (struct writer){ .bytes = pack->bytes };
	put_policy(&writer, policy, pack->size_bytes);
	return 0;
}

void pim_pack_free(struct pim_pack *pack)
{
	free(pack->bytes);
	*pack = (struct pim_pack){};
}

/* ---- reading ---- */

struct reader {
	const uint8_t *at;
	size_t left;
};

/* Each returns false when the bytes end before the value, or the value is none. */
static bool get(struct reader *reader, void *to, size_t bytes)
{
	if (bytes > reader->left)
		return false;
	memcpy(to, reader->at, bytes);
	reader->at += bytes;
	reader->left -= bytes;
	return true;
}

static bool get_below(struct reader *reader, uint8_t end, uint8_t *value)
{
	return get(reader, value, sizeof(*value)) && *value < end;
}

/* A count of things of at least `least` bytes each: never more than there is room for. */
static bool get_count(struct reader *reader, size_t least, uint32_t *count)
{
	return get(reader, count, sizeof(*count)) && *count <= reader->left / least;
}

static bool get_name(struct reader *reader, char *name, size_t space)
{
	uint8_t length;

	if (!get(reader, &length, sizeof(length)) || !length || length >= space ||
	    !get(reader, name, length))
		return false;
	name[length] = '\0';
	for (size_t i = 0; i < length; i++) /* the characters that config/ takes */
		if (name[i] < ' ' || name[i] > '~' || name[i] == '"' || name[i] == '\\')
			return false;
	return true;
}

static bool get_options(struct reader *reader, struct pim_policy *policy)
{
	uint8_t count, flags;

	if (!get(reader, &count, sizeof(count)) || count != PIM_OPTION_COUNT ||
	    !get(reader, &policy->options, PIM_OPTION_COUNT))
		return false;
	for (size_t i = 0; i < PIM_OPTION_COUNT; i++) {
		const struct pim_option_name *option = &pim_option_names[i];
		uint8_t value = ((const uint8_t *)&policy->options)[option->offset], values = 0;

		while (option->values[values])
			values++;
		if (value >= values)
			return false;
	}
	if (!get_below(reader, (AV_IS_ACCESS | MESSENGER_IS_CLIENTS) + 1, &flags))
		return false;
	policy->av_is_access = flags & AV_IS_ACCESS;
	policy->messenger_is_clients = flags & MESSENGER_IS_CLIENTS;
	return true;
}

static bool is_one_of(uint16_t role, uint16_t roles)
{
	return role && !(role & (role - 1)) && !(role & ~roles);
}

/* Returns 0, -EBADMSG or -ENOMEM. */
static int get_row(struct reader *reader, struct pim_row *row)
{
	uint8_t transport, direction, port_end, shape, enabled;
	uint16_t edge_role, peer_role;
	uint32_t count;

	if (!get_name(reader, row->name, sizeof(row->name)) ||
	    !get_name(reader, row->service, sizeof(row->service)) ||
	    !get_below(reader, PIM_TRANSPORTS, &transport) ||
	    !get_below(reader, PIM_OUT + 1, &direction) ||
	    !get_below(reader, PIM_PORT_END_OPTION + 1, &port_end) ||
	    !get_below(reader, PIM_SHAPE_STUN + 1, &shape) || !get_below(reader, 2, &enabled) ||
	    !get(reader, &edge_role, sizeof(edge_role)) || !is_one_of(edge_role, PIM_EDGE_ANY) ||
	    !get(reader, &peer_role, sizeof(peer_role)) || !is_one_of(peer_role, PIM_PEER_ANY) ||
	    !get_count(reader, sizeof(*row->ranges), &count))
		return -EBADMSG;
	row->transport = transport;
	row->direction = direction;
	row->port_end = port_end;
	row->shape = shape;
	row->enabled = enabled;
	row->edge_role = edge_role;
	row->peer_role = peer_role;
	row->ranges = calloc(count + 1u, sizeof(*row->ranges));
	if (!row->ranges)
		return -ENOMEM;
	for (; row->range_count < count; row->range_count++) {
		struct pim_port_range *range = &row->ranges[row->range_count];

		if (!get(reader, &range->low, sizeof(range->low)) ||
		    !get(reader, &range->high, sizeof(range->high)) || !range->low ||
		    range->low > range->high)
			return -EBADMSG;
	}
	return 0;
}

static int get_rows(struct reader *reader, struct pim_policy *policy)
{
	uint32_t count;
	int result = 0;

	if (!get_count(reader, 1, &count) || count > PIM_ROWS_MAX)
		return -EBADMSG;
	while (!result && policy->row_count < count)
		/* Counted first: what a row holds when it fails is freed with the policy. */
		result = get_row(reader, &policy->rows[policy->row_count++]);
	return result;
}

static int get_partners(struct reader *reader, struct pim_policy *policy)
{
	uint32_t count;

	if (!get_count(reader, 2, &count) || count > PIM_PARTNERS_MAX)
		return -EBADMSG;
	policy->partners = calloc(count + 1u, sizeof(*policy->partners));
	if (!policy->partners)
		return -ENOMEM;
	for (; policy->partner_count < count; policy->partner_count++)
		if (!get_name(reader, policy->partners[policy->partner_count].name,
			      PIM_PARTNER_NAME))
			return -EBADMSG;
	return 0;
}

/* Whether the bits after its length are zero, as they are in every prefix of the model. */
static bool is_prefix(const struct pim_prefix *prefix)
{
	if (prefix->length > pim_family_bits(prefix->family))
		return false;
	for (unsigned int bit = prefix->length; bit < pim_family_bits(prefix->family);) {
		uint8_t rest = bit % 8 ? 0xff >> bit % 8 : 0xff;

		if (prefix->address[bit / 8] & rest)
			return false;
		bit += 8 - bit % 8;
	}
	return true;
}

static bool get_run(struct reader *reader, struct pim_policy *policy, uint64_t total)
{
	struct pim_listed listed = {};
	uint32_t count;
	size_t address;

	if (!get(reader, &listed.prefix.family, 1) ||
	    (listed.prefix.family != PIM_IPV4 && listed.prefix.family != PIM_IPV6) ||
	    !get(reader, &listed.roles, sizeof(listed.roles)) || !listed.roles ||
	    listed.roles >> PIM_ROLES || !get(reader, &listed.partner, sizeof(listed.partner)) ||
	    listed.partner > policy->partner_count)
		return false;
	address = address_bytes(listed.prefix.family);
	if (!get_count(reader, address + 1, &count) || !count ||
	    count > total - policy->listed_count)
		return false;
	while (count--) {
		if (!get(reader, listed.prefix.address, address) ||
		    !get(reader, &listed.prefix.length, 1) || !is_prefix(&listed.prefix))
			return false;
		policy->listed[policy->listed_count++] = listed;
	}
	return true;
}

static int get_prefixes(struct reader *reader, struct pim_policy *policy)
{
	uint64_t count;

	/* Five bytes is the least that a prefix takes. */
	if (!get(reader, &count, sizeof(count)) || count > reader->left / 5)
		return -EBADMSG;
	policy->listed = calloc(count + 1, sizeof(*policy->listed));
	if (!policy->listed)
		return -ENOMEM;
	while (policy->listed_count < count)
		if (!get_run(reader, policy, count))
			return -EBADMSG;
	return 0;
}

size_t pim_pack_size(const uint8_t *bytes, size_t size_bytes)
{
	struct reader reader = { bytes, size_bytes };
	struct header header;

	if (!get(&reader, &header, sizeof(header)) || header.magic != MAGIC ||
	    header.version != VERSION || header.size_bytes < sizeof(header) ||
	    header.size_bytes > size_bytes)
		return 0;
	return (size_t)header.size_bytes;
}

int pim_policy_unpack(const uint8_t *bytes, size_t size_bytes, struct pim_policy *policy)
{
	struct reader reader = { bytes, pim_pack_size(bytes, size_bytes) };
	struct header header;
	int result;

	*policy = (struct pim_policy){};
	if (!get(&reader, &header, sizeof(header)) || !get_options(&reader, policy))
		return -EBADMSG;
	policy->files = calloc(1, sizeof(*policy->files));
	if (!policy->files || !(policy->files[policy->file_count++].path = strdup("")))
		return -ENOMEM;
	result = get_partners(&reader, policy);
	if (!result)
		result = get_rows(&reader, policy);
	if (!result)
		result = get_prefixes(&reader, policy);
	return !result && reader.left ? -EBADMSG : result;
}
