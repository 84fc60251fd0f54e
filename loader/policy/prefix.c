/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/prefix.h"

#include <arpa/inet.h>
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* Four octets, or 16 bytes; false if it is no address. */
static bool parse_address(const char *text, size_t size, struct pim_prefix *address)
{
	char copy[ADDRESS_TEXT];

	if (size >= sizeof(copy))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	*address = (struct pim_prefix){ .family = strchr(copy, ':') ? PIM_IPV6 : PIM_IPV4 };
	address->length = (uint8_t)pim_family_bits(address->family);
	return inet_pton(address->family == PIM_IPV6 ? AF_INET6 : AF_INET, copy,
			 address->address) == 1;
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

/* ---- notations of others: what to write instead ---- */

/* What to write; "" if it is not known. */
#define ADVICE_TEXT 320

static void advise_everyone(const char *text, char advice[ADVICE_TEXT])
{
	static const char *const words[] = { "any",	"all",	"*",   "everyone",
					     "default", "any4", "any6" };

	for (size_t at = 0; at < sizeof(words) / sizeof(*words); at++)
		if (!strcasecmp(text, words[at]))
			snprintf(advice, ADVICE_TEXT,
				 "for every address write \"0.0.0.0/0\" and \"::/0\"");
}

/* The bits of a mask 255.255.255.0 or its complement, as routers have it, so 0.0.0.0 is a host's;
 * -1: it is none. */
static int mask_length(const struct pim_prefix *mask)
{
	uint32_t word = (uint32_t)mask->address[0] << 24 | (uint32_t)mask->address[1] << 16 |
			(uint32_t)mask->address[2] << 8 | mask->address[3];

	if (!(word & 0x80000000))
		word = ~word;
	return (~word & (~word + 1)) ? -1 : 32 - __builtin_popcount(~word);
}

/* Reads "192.0.2.0/255.255.255.0", or with a blank between them. */
static bool parse_masked(const char *text, struct pim_prefix *network, struct pim_prefix *mask)
{
	size_t size = strcspn(text, "/ \t");
	const char *second = text + size + strspn(text + size, "/ \t");

	return text[size] && parse_address(text, size, network) && network->family == PIM_IPV4 &&
	       parse_address(second, strlen(second), mask) && mask->family == PIM_IPV4;
}

static bool is_masked(const char *text)
{
	struct pim_prefix network, mask;

	return parse_masked(text, &network, &mask);
}

static void advise_mask(const char *text, char advice[ADVICE_TEXT])
{
	static const uint8_t zero[4];
	struct pim_prefix network, mask;
	char meant[PIM_PREFIX_TEXT];

	if (!parse_masked(text, &network, &mask))
		return;
	if (mask_length(&mask) < 0) {
		snprintf(advice, ADVICE_TEXT, "a mask that is no prefix: list its prefixes");
		return;
	}
	network.length = (uint8_t)mask_length(&mask);
	if (!memcmp(network.address, zero, 4) && !memcmp(mask.address, zero, 4))
		network.length = 0; /* 0.0.0.0/0.0.0.0 is everyone */
	clear_host_bits(network.address, network.length);
	snprintf(advice, ADVICE_TEXT, "a mask: write \"%s\"",
		 pim_prefix_format(&network, true, meant));
}

/* Goes on to the prefix after this one; false if it was the last. */
static bool step(uint8_t *address, unsigned int length)
{
	size_t at = (length - 1) / 8;
	unsigned int carry = 1u << (7 - (length - 1) % 8);

	for (;; at--) {
		unsigned int sum = address[at] + carry;

		address[at] = (uint8_t)sum;
		if (sum < 256)
			return true;
		if (!at)
			return false;
		carry = 1;
	}
}

/* The prefixes that a range from *low to `high` is made of. The first few are named. */
static void list_range(struct pim_prefix *low, const struct pim_prefix *high,
		       char advice[ADVICE_TEXT])
{
	size_t bytes = pim_family_bits(low->family) / 8, used, count = 0;
	char text[PIM_PREFIX_TEXT];
	bool more = true;

	used = (size_t)snprintf(advice, ADVICE_TEXT, "a range: write");
	for (; more && memcmp(low->address, high->address, bytes) <= 0; count++) {
		struct pim_prefix last, wider = *low;

		/* As wide as its start allows and the end of the range. */
		low->length = (uint8_t)pim_family_bits(low->family);
		while (wider.length = (uint8_t)(low->length - 1), low->length) {
			last = wider;
			if (clear_host_bits(wider.address, wider.length))
				break;
			for (unsigned int bit = wider.length; bit < bytes * 8; bit++)
				last.address[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
			if (memcmp(last.address, high->address, bytes) > 0)
				break;
			low->length--;
		}
		if (count < 4)
			used += (size_t)snprintf(advice + used, ADVICE_TEXT - used, "%s \"%s\"",
						 count ? "," : "",
						 pim_prefix_format(low, false, text));
		more = low->length && step(low->address, low->length);
	}
	if (count > 4)
		snprintf(advice + used, ADVICE_TEXT - used, " and %zu more", count - 4);
}

static void advise_range(const char *text, char advice[ADVICE_TEXT])
{
	const char *dash = strchr(text, '-'), *second;
	struct pim_prefix low, high;
	size_t size;

	if (!dash)
		return;
	second = dash + 1 + strspn(dash + 1, " ");
	for (size = (size_t)(dash - text); size && text[size - 1] == ' '; size--)
		;
	if (!parse_address(text, size, &low) || !parse_address(second, strlen(second), &high) ||
	    low.family != high.family)
		return;
	if (memcmp(low.address, high.address, sizeof(low.address)) > 0)
		snprintf(advice, ADVICE_TEXT, "a range, the higher address first");
	else
		list_range(&low, &high, advice);
}

/* Of letters, digits, - and _, the last label beginning with a letter. */
static bool is_host_name(const char *text)
{
	bool begins = true, letter = false;

	for (; *text; text++) {
		bool is_letter = (*text | 0x20) >= 'a' && (*text | 0x20) <= 'z';

		if (!is_letter && !is_digit(*text) && !strchr(".-_", *text))
			return false;
		if (begins)
			letter = is_letter;
		begins = *text == '.';
	}
	return letter;
}

/* An address with a port behind it, or in brackets. */
static bool has_port(const char *text)
{
	const char *colon = strrchr(text, ':');
	struct pim_prefix address;

	return *text == '[' || (colon && strchr(text, ':') == colon &&
				parse_address(text, (size_t)(colon - text), &address));
}

static void advise(const char *text, const char *address, char advice[ADVICE_TEXT])
{
	const char *fault = NULL;

	advice[0] = '\0';
	advise_everyone(text, advice);
	if (!*advice)
		advise_mask(text, advice);
	if (!*advice)
		advise_range(text, advice);
	if (*advice)
		return;
	if (*text == ' ' || *text == '\t' || (*text && strchr(" \t", text[strlen(text) - 1])))
		fault = "take the blanks around it away";
	else if (has_port(text))
		fault = "brackets and ports do not belong here: write the address alone";
	else if (strchr(address, '%'))
		fault = "a zone does not belong here";
	else if (is_host_name(text) || is_host_name(address))
		fault = "a name: write its addresses, since names are not looked up";
	else if (!strchr(address, ':') && strchr(address, '*'))
		fault = "a wildcard: write a prefix, such as \"192.0.2.0/24\"";
	else if (!strchr(address, ':'))
		fault = ipv4_fault(address);
	if (fault)
		snprintf(advice, ADVICE_TEXT, "%s", fault);
}

static int refuse_address(const char *text, const char *address, struct pim_error *error)
{
	char quoted[PIM_QUOTE_TEXT], advice[ADVICE_TEXT];

	advise(text, address, advice);
	return pim_refuse(error, "expected an IPv4 or IPv6 address or prefix, found %s%s%s%s",
			  pim_quote(text, strlen(text), quoted), *advice ? " (" : "", advice,
			  *advice ? ")" : "");
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
	if (slash && strchr(slash, '.') && is_masked(text))
		return refuse_address(text, address, error);
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

/* Half of an address as a number, which compares in one step. */
static inline uint64_t half(const uint8_t *bytes)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return be64toh(value);
}

/* The first `bits` bits of the 64. */
static inline uint64_t first_bits(unsigned int bits)
{
	return bits ? ~0ull << (64 - bits) : 0;
}

bool pim_prefix_contains(const struct pim_prefix *outer, const struct pim_prefix *inner)
{
	unsigned int high = outer->length < 64 ? outer->length : 64, low = outer->length - high;

	return outer->family == inner->family && outer->length <= inner->length &&
	       !((half(outer->address) ^ half(inner->address)) & first_bits(high)) &&
	       !((half(outer->address + 8) ^ half(inner->address + 8)) & first_bits(low));
}

int pim_prefix_compare(const struct pim_prefix *a, const struct pim_prefix *b)
{
	const uint64_t high[] = { half(a->address), half(b->address) };
	const uint64_t low[] = { half(a->address + 8), half(b->address + 8) };

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (high[0] != high[1])
		return high[0] < high[1] ? -1 : 1;
	if (low[0] != low[1])
		return low[0] < low[1] ? -1 : 1;
	return (a->length > b->length) - (a->length < b->length);
}
