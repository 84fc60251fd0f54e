/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/prefix.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/quote.h"

/* Longer than any address inet_pton accepts. */
#define ADDRESS_TEXT 64

/* IPv4-mapped IPv6 addresses, RFC 4291 section 2.5.5.2: ::ffff:0:0/96. */
static const uint8_t mapped_start[12] = { [10] = 0xff, [11] = 0xff };
#define MAPPED_BITS (8 * sizeof(mapped_start))

unsigned int pim_family_bits(uint8_t family)
{
	return family == PIM_IPV4 ? 32 : 128;
}

static bool is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/* Why a text of dotted digits is not an IPv4 address, or NULL if no reason is known. */
static const char *ipv4_fault(const char *address)
{
	size_t octets = 0;

	for (const char *at = address;; at++) {
		unsigned int value = 0;
		size_t digits = 0;

		for (; is_digit(at[digits]) && digits < 4; digits++)
			value = value * 10 + (unsigned int)(at[digits] - '0');
		if (digits == 0)
			return NULL;
		if (digits > 1 && *at == '0')
			return "an octet has a leading zero";
		if (value > 255)
			return "an octet is above 255";
		octets++;
		at += digits;
		if (*at == '\0')
			break;
		if (*at != '.')
			return NULL;
	}
	return octets == 4 ? NULL : "IPv4 has four octets";
}

static int refuse_address(const char *text, const char *address, struct pim_error *error)
{
	char quoted[PIM_QUOTE_TEXT];
	const char *fault = NULL;

	if (strchr(address, '%'))
		fault = "a zone does not belong here";
	else if (!strchr(address, ':'))
		fault = ipv4_fault(address);
	return pim_refuse(error, "expected an IPv4 or IPv6 address or prefix, found %s%s%s%s",
			  pim_quote(text, strlen(text), quoted), fault ? " (" : "",
			  fault ? fault : "", fault ? ")" : "");
}

/* Parses a decimal number without sign or leading zero; false if it is anything else, or
 * above `most`. */
static bool parse_length(const char *text, unsigned int most, uint8_t *length)
{
	unsigned int value = 0;

	if (!is_digit(*text) || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; is_digit(*text) && value <= most; text++)
		value = value * 10 + (unsigned int)(*text - '0');
	if (*text != '\0' || value > most)
		return false;
	*length = (uint8_t)value;
	return true;
}

/* Clears all bits after the first `length`; true if any of them was set. */
static bool clear_host_bits(uint8_t address[16], unsigned int length)
{
	unsigned int at = length / 8;
	uint8_t host = 0;

	if (length % 8) {
		uint8_t mask = (uint8_t)(0xff >> (length % 8));

		host = address[at] & mask;
		address[at] &= (uint8_t)~mask;
		at++;
	}
	for (; at < 16; at++) {
		host |= address[at];
		address[at] = 0;
	}
	return host != 0;
}

static int refuse_mapped(const char *text, const struct pim_prefix *mapped, struct pim_error *error)
{
	struct pim_prefix plain = { .family = PIM_IPV4,
				    .length = (uint8_t)(mapped->length - MAPPED_BITS) };
	char quoted[PIM_QUOTE_TEXT], meant[PIM_PREFIX_TEXT];

	memcpy(plain.address, mapped->address + sizeof(mapped_start), 4);
	return pim_refuse(error,
			  "expected an IPv4 or IPv6 address or prefix, found %s, which is IPv4 in "
			  "IPv6 notation: write \"%s\"",
			  pim_quote(text, strlen(text), quoted),
			  pim_prefix_format(&plain, false, meant));
}

static int refuse_host_bits(const char *text, const char *address, const struct pim_prefix *network,
			    struct pim_error *error)
{
	char quoted[PIM_QUOTE_TEXT], meant[PIM_PREFIX_TEXT];

	return pim_refuse(error,
			  "expected a prefix without host bits, found %s: the network is \"%s\", "
			  "the host \"%s\"",
			  pim_quote(text, strlen(text), quoted),
			  pim_prefix_format(network, true, meant), address);
}

int pim_prefix_parse(const char *text, struct pim_prefix *prefix, struct pim_error *error)
{
	const char *slash = strchr(text, '/');
	size_t size = slash ? (size_t)(slash - text) : strlen(text);
	struct pim_prefix result = {};
	char address[ADDRESS_TEXT];
	char quoted[PIM_QUOTE_TEXT];
	unsigned int bits;
	bool host_bits;

	if (size >= sizeof(address))
		return refuse_address(text, "", error);
	memcpy(address, text, size);
	address[size] = '\0';

	result.family = strchr(address, ':') ? PIM_IPV6 : PIM_IPV4;
	if (inet_pton(result.family == PIM_IPV6 ? AF_INET6 : AF_INET, address, result.address) != 1)
		return refuse_address(text, address, error);
	bits = pim_family_bits(result.family);
	result.length = (uint8_t)bits;
	if (slash && !parse_length(slash + 1, bits, &result.length))
		return pim_refuse(error,
				  "expected a prefix length from 0 to %u after the slash, found %s",
				  bits, pim_quote(text, strlen(text), quoted));

	host_bits = clear_host_bits(result.address, result.length);
	if (result.family == PIM_IPV6 && result.length >= MAPPED_BITS &&
	    !memcmp(result.address, mapped_start, sizeof(mapped_start)))
		return refuse_mapped(text, &result, error);
	if (host_bits)
		return refuse_host_bits(text, address, &result, error);
	*prefix = result;
	return 0;
}

char *pim_prefix_format(const struct pim_prefix *prefix, bool always_length,
			char text[PIM_PREFIX_TEXT])
{
	int family = prefix->family == PIM_IPV4 ? AF_INET : AF_INET6;
	size_t length;

	if (!inet_ntop(family, prefix->address, text, PIM_PREFIX_TEXT))
		text[0] = '\0'; /* cannot happen: the buffer is large enough for both families */
	if (!always_length && prefix->length == pim_family_bits(prefix->family))
		return text;
	length = strlen(text);
	snprintf(text + length, PIM_PREFIX_TEXT - length, "/%u", prefix->length);
	return text;
}

bool pim_prefix_contains(const struct pim_prefix *outer, const struct pim_prefix *inner)
{
	unsigned int bytes = outer->length / 8, rest = outer->length % 8;

	if (outer->family != inner->family || outer->length > inner->length)
		return false;
	if (memcmp(outer->address, inner->address, bytes))
		return false;
	return !rest || !((outer->address[bytes] ^ inner->address[bytes]) >> (8 - rest));
}

int pim_prefix_compare(const struct pim_prefix *a, const struct pim_prefix *b)
{
	int order;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	order = memcmp(a->address, b->address, sizeof(a->address));
	if (order)
		return order;
	return (a->length > b->length) - (a->length < b->length);
}
