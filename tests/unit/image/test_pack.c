/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A policy as flat bytes: the same again when it is read, and refused when it is damaged. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "image/pack.h"
#include "unit/folder.h"
#include "unit/image/policies.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *const configurations[] = {
	"edge = { access = [ \"198.51.100.10\" ] }\n",
	/* One of everything, families and lists in turns. */
	"edge = { access = [ \"198.51.100.10\", \"2001:db8:10::10\" ], av = [ \"198.51.100.11\" ] }\n"
	"partners = ( { name = \"contoso\", addresses = [ \"203.0.113.0/24\", \"2001:db8:1::/48\", \"203.0.114.0/24\" ] },\n"
	"             { name = \"nobody yet\" }, { name = \"<fabrikam>, 'a'\", addresses = [ \"203.0.115.1\" ] } )\n"
	"clients = { addresses = [ \"0.0.0.0/0\", \"::/0\", \"192.0.2.1\" ] }\n"
	"messenger = { addresses = [ \"192.0.2.0/24\" ] }\n"
	"block = { addresses = [ \"203.0.113.66\" ] }\n"
	"failsafe = { addresses = [ \"203.0.113.99\", \"2001:db8:9::9/128\" ] }\n"
	"services = ( { name = \"dns-reply\", transport = \"udp\", direction = \"out\", edge = \"access\"\n"
	"               peers = \"client\", ports = [ \"53\", \"853-854\", \"1\", \"65535\" ] },\n"
	"             { name = \"xmpp\", transport = \"tcp\", direction = \"in\", edge = \"av\"\n"
	"               peers = \"partner\", ports = [ \"5269\" ] } )\n"
	"disable = [ \"rtp-out\", \"stun-out\" ]\n"
	"options = { mode = \"observe\", not-edge = \"drop\", non-ip = \"drop\", fragments = \"pass\", stun-shape = \"off\"\n"
	"            ip-options = \"classify\", rtp-port-end = \"peer\" }\n",
};

static void read_configuration(size_t which, struct pim_policy *policy)
{
	struct pim_error error = {};

	write_text("edge.conf", configurations[which]);
	if (pim_config_read("edge.conf", policy, &error))
		fail_msg("%s", error.text);
}

static void assert_same_row(const struct pim_row *a, const struct pim_row *b)
{
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->service, b->service);
	assert_int_equal(a->transport, b->transport);
	assert_int_equal(a->direction, b->direction);
	assert_int_equal(a->edge_role, b->edge_role);
	assert_int_equal(a->peer_role, b->peer_role);
	assert_int_equal(a->port_end, b->port_end);
	assert_int_equal(a->shape, b->shape);
	assert_int_equal(a->enabled, b->enabled);
	assert_int_equal(a->range_count, b->range_count);
	assert_memory_equal(a->ranges, b->ranges, a->range_count * sizeof(*a->ranges));
}

/* In all that is kept. */
static void assert_same_policy(const struct pim_policy *a, const struct pim_policy *b)
{
	assert_int_equal(a->row_count, b->row_count);
	for (size_t i = 0; i < a->row_count; i++)
		assert_same_row(&a->rows[i], &b->rows[i]);
	assert_int_equal(a->partner_count, b->partner_count);
	for (size_t i = 0; i < a->partner_count; i++)
		assert_string_equal(a->partners[i].name, b->partners[i].name);
	assert_int_equal(a->listed_count, b->listed_count);
	for (size_t i = 0; i < a->listed_count; i++) {
		assert_int_equal(pim_prefix_compare(&a->listed[i].prefix, &b->listed[i].prefix), 0);
		assert_int_equal(a->listed[i].roles, b->listed[i].roles);
		assert_int_equal(a->listed[i].partner, b->listed[i].partner);
	}
	assert_memory_equal(&a->options, &b->options, sizeof(a->options));
	assert_int_equal(a->av_is_access, b->av_is_access);
	assert_int_equal(a->messenger_is_clients, b->messenger_is_clients);
}

static void pack(const struct pim_policy *policy, struct pim_pack *packed)
{
	assert_int_equal(pim_policy_pack(policy, packed), 0);
	assert_int_equal(pim_pack_size(packed->bytes, packed->size_bytes), packed->size_bytes);
}

/* What was unpacked is the same policy, prints the same and packs to the same bytes. */
static void assert_survives(const struct pim_policy *policy)
{
	char *before = pim_config_print(policy), *after;
	struct pim_pack packed, again;
	struct pim_policy unpacked;

	pack(policy, &packed);
	assert_int_equal(pim_policy_unpack(packed.bytes, packed.size_bytes, &unpacked), 0);
	assert_same_policy(policy, &unpacked);
	after = pim_config_print(&unpacked);
	assert_non_null(before);
	assert_non_null(after);
	assert_string_equal(before, after);
	pack(&unpacked, &again);
	assert_int_equal(again.size_bytes, packed.size_bytes);
	assert_memory_equal(again.bytes, packed.bytes, packed.size_bytes);
	free(before);
	free(after);
	pim_pack_free(&packed);
	pim_pack_free(&again);
	pim_policy_free(&unpacked);
}

static void keeps_configurations(void **state)
{
	struct pim_policy policy;

	(void)state;
	for (size_t at = 0; at < COUNT(configurations); at++) {
		read_configuration(at, &policy);
		assert_survives(&policy);
		pim_policy_free(&policy);
	}
	assert_int_equal(pim_policy_init(&policy), 0);
	assert_survives(&policy);
	pim_policy_free(&policy);
}

/* A prefix costs its address and one byte, and the order of a list is kept. */
static void keeps_long_lists(void **state)
{
	enum { PREFIXES = 20000 };
	struct pim_policy policy;
	struct pim_pack empty, packed;

	(void)state;
	assert_int_equal(pim_policy_init(&policy), 0);
	pack(&policy, &empty);
	for (uint32_t i = 0; i < PREFIXES; i++) {
		struct pim_prefix prefix = { .family = PIM_IPV4, .length = 32 };
		uint32_t word = i * 2654435761u; /* in no order */

		memcpy(prefix.address, &word, sizeof(word));
		list_prefix(&policy, prefix, PIM_ROLE_BLOCK, 0);
	}
	pack(&policy, &packed);
	assert_in_range(packed.size_bytes, empty.size_bytes + 5 * PREFIXES,
			empty.size_bytes + 5 * PREFIXES + 16);
	assert_survives(&policy);
	pim_pack_free(&empty);
	pim_pack_free(&packed);
	pim_policy_free(&policy);
}

/* A map has more bytes than the pack; they are nobody's. */
static void ignores_what_follows(void **state)
{
	struct pim_policy policy, unpacked;
	struct pim_pack packed;
	uint8_t *padded;

	(void)state;
	read_configuration(1, &policy);
	pack(&policy, &packed);
	padded = malloc(packed.size_bytes + 100);
	assert_non_null(padded);
	memcpy(padded, packed.bytes, packed.size_bytes);
	memset(padded + packed.size_bytes, 0xee, 100);
	assert_int_equal(pim_pack_size(padded, packed.size_bytes + 100), packed.size_bytes);
	assert_int_equal(pim_policy_unpack(padded, packed.size_bytes + 100, &unpacked), 0);
	assert_same_policy(&policy, &unpacked);
	free(padded);
	pim_pack_free(&packed);
	pim_policy_free(&policy);
	pim_policy_free(&unpacked);
}

/* From memory of exactly that size, so that a sanitizer sees a byte too far. */
static int unpack_copy(const uint8_t *bytes, size_t size, struct pim_policy *policy)
{
	uint8_t *copy = malloc(size ? size : 1);
	int result;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	result = pim_policy_unpack(copy, size, policy);
	free(copy);
	return result;
}

/* Cut at every byte: as it is, and with a header that says that this is all. */
static void refuses_what_is_cut_short(void **state)
{
	struct pim_policy policy, unpacked;
	struct pim_pack packed;

	(void)state;
	for (size_t which = 0; which < COUNT(configurations); which++) {
		read_configuration(which, &policy);
		pack(&policy, &packed);
		for (size_t size = 0; size < packed.size_bytes; size++) {
			uint64_t claimed = size;

			assert_int_equal(unpack_copy(packed.bytes, size, &unpacked), -EBADMSG);
			pim_policy_free(&unpacked);
			memcpy(packed.bytes + 8, &claimed, sizeof(claimed));
			assert_int_equal(unpack_copy(packed.bytes, size, &unpacked), -EBADMSG);
			pim_policy_free(&unpacked);
			claimed = packed.size_bytes;
			memcpy(packed.bytes + 8, &claimed, sizeof(claimed));
		}
		pim_pack_free(&packed);
		pim_policy_free(&policy);
	}
}

static void refuses_other_packs(void **state)
{
	static const struct {
		size_t at;
		uint8_t by;
	} changes[] = {
		{ 0, 1 },    /* magic */
		{ 4, 1 },    /* version */
		{ 8, 1 },    /* more bytes than there are */
		{ 15, 0x80 } /* far more */
	};
	struct pim_policy policy, unpacked;
	struct pim_pack packed;

	(void)state;
	read_configuration(1, &policy);
	pack(&policy, &packed);
	for (size_t at = 0; at < COUNT(changes); at++) {
		packed.bytes[changes[at].at] += changes[at].by;
		assert_int_equal(pim_pack_size(packed.bytes, packed.size_bytes), 0);
		assert_int_equal(unpack_copy(packed.bytes, packed.size_bytes, &unpacked), -EBADMSG);
		pim_policy_free(&unpacked);
		packed.bytes[changes[at].at] -= changes[at].by;
	}
	pim_pack_free(&packed);
	pim_policy_free(&policy);
}

/* Whatever is in the bytes, what is accepted can be printed and packed. */
static void survives_any_damage(void **state)
{
	struct pim_policy policy, unpacked;
	struct pim_pack packed, again;
	size_t refused = 0, accepted = 0;

	(void)state;
	read_configuration(1, &policy);
	pack(&policy, &packed);
	for (size_t at = 0; at < packed.size_bytes; at++) {
		static const uint8_t values[] = { 0x00, 0x01, 0x20, 0x41, 0x7f, 0x80, 0xff };

		for (size_t value = 0; value < COUNT(values); value++) {
			uint8_t kept = packed.bytes[at];
			int result;

			packed.bytes[at] = values[value];
			result = unpack_copy(packed.bytes, packed.size_bytes, &unpacked);
			packed.bytes[at] = kept;
			if (result) {
				assert_int_equal(result, -EBADMSG);
				refused++;
			} else {
				char *text = pim_config_print(&unpacked);

				assert_non_null(text);
				free(text);
				pack(&unpacked, &again);
				pim_pack_free(&again);
				accepted++;
			}
			pim_policy_free(&unpacked);
		}
	}
	/* Names and addresses can be any; the rest cannot. */
	assert_true(refused > packed.size_bytes && accepted > packed.size_bytes);
	pim_pack_free(&packed);
	pim_policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_configurations), cmocka_unit_test(keeps_long_lists),
		cmocka_unit_test(ignores_what_follows), cmocka_unit_test(refuses_what_is_cut_short),
		cmocka_unit_test(refuses_other_packs),	cmocka_unit_test(survives_any_damage),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
