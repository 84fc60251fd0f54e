/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Writes the lists and configurations of the benchmark to files. */
#include "bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"
#include "say.h"

/* Prefixes of each family in each list of the small configuration. */
#define LIST 1000

static char *folder;

static FILE *create(const char *name)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "we");
	if (!file)
		bench_die("%s: %s", path, strerror(errno));
	return file;
}

static void finish(FILE *file)
{
	if (fclose(file))
		bench_die("%s: %s", folder, strerror(errno));
}

/* IPv4 lists of peers and block lists must not overlap, so each kind has first bytes of its
 * own. */
static bool is_peers(const struct pim_prefix *prefix)
{
	return prefix->address[0] % 8 == 3;
}

static struct pim_prefix *list_of(size_t count, bool peers, uint64_t seed)
{
	size_t some = count * (peers ? 16 : 2), kept = 0;
	struct pim_prefix *list = bench_list(PIM_IPV4, some, seed);

	for (size_t i = 0; i < some && kept < count; i++)
		if (is_peers(&list[i]) == peers)
			list[kept++] = list[i];
	if (kept < count)
		bench_die("too few prefixes");
	return list;
}

static void print_list(FILE *file, const struct pim_prefix *list, size_t count)
{
	char text[PIM_PREFIX_TEXT];

	for (size_t i = 0; i < count; i++)
		fprintf(file, "%s\n", pim_prefix_format(&list[i], false, text));
}

/* Writes a list of the small configuration: both families, and its IPv4 part in another file. */
static void write_lists(const char *name, bool peers, uint64_t seed)
{
	struct pim_prefix *four = list_of(LIST, peers, seed),
			  *six = bench_list(PIM_IPV6, LIST, seed);
	char file_name[64];
	FILE *file;

	snprintf(file_name, sizeof(file_name), "%s.prefixes", name);
	file = create(file_name);
	print_list(file, four, LIST);
	print_list(file, six, LIST);
	finish(file);
	snprintf(file_name, sizeof(file_name), "%s4.prefixes", name);
	file = create(file_name);
	print_list(file, four, LIST);
	finish(file);
	free(four);
	free(six);
}

/* nftables in the rate rig: admits the peers of the UDP service and drops the rest. */
static void write_rig_ruleset(void)
{
	struct pim_prefix *list = list_of(LIST, true, 3);
	struct pim_policy policy = {};
	char text[PIM_PREFIX_TEXT];
	FILE *file = create("rig.nft");

	if (pim_policy_init(&policy))
		bench_die("out of memory");
	fprintf(file,
		"table netdev bench {\n\tset peers {\n\t\ttype ipv4_addr\n\t\tflags interval\n"
		"\t\tauto-merge\n\t\telements = {\n");
	for (size_t i = 0; i < LIST; i++)
		fprintf(file, "%s,\n", pim_prefix_format(&list[i], false, text));
	fprintf(file,
		"\t\t}\n\t}\n\tchain ingress {\n"
		"\t\ttype filter hook ingress device \"nft\" priority 0; policy drop;\n"
		"\t\tudp dport %u ip saddr @peers accept\n\t}\n}\n",
		policy.rows[PIM_ROW_STUN_IN].ranges[0].low);
	finish(file);
	pim_policy_free(&policy);
	free(list);
}

static void write_config(const char *name, bool with_peers, const char *block)
{
	FILE *file = create(name);

	fprintf(file, "edge = { access = [ \"198.51.100.10\", \"2001:db8:10::10\" ]\n"
		      "\t av = [ \"198.51.100.11\", \"2001:db8:10::11\" ] }\n");
	if (with_peers)
		fprintf(file,
			"partners = ( { name = \"contoso\", files = [ \"partners.prefixes\" ] } )\n"
			"clients = { files = [ \"clients.prefixes\" ] }\n"
			"messenger = { files = [ \"messenger.prefixes\" ] }\n"
			"failsafe = { addresses = [ \"198.51.100.200\", \"2001:db8:10::200\" ] }\n");
	fprintf(file, "block = { files = [ \"%s\" ] }\n", block);
	finish(file);
}

/* Writes a large list and, for `others`, the same list for nft and ipset. */
static void write_large(const char *name, size_t count, uint64_t seed, bool others)
{
	struct pim_prefix *list = list_of(count, false, seed);
	char text[PIM_PREFIX_TEXT];
	FILE *file = create(name);

	print_list(file, list, count);
	finish(file);
	if (others) {
		file = create("large.nft");
		fprintf(file,
			"table ip bench {\n\tset block {\n\t\ttype ipv4_addr\n\t\tflags interval\n"
			"\t\tauto-merge\n\t\telements = {\n");
		for (size_t i = 0; i < count; i++)
			fprintf(file, "%s,\n", pim_prefix_format(&list[i], false, text));
		fprintf(file, "\t\t}\n\t}\n}\n");
		finish(file);
		file = create("large.ipset");
		fprintf(file, "create block hash:net family inet hashsize 524288 maxelem %zu\n",
			count);
		for (size_t i = 0; i < count; i++)
			fprintf(file, "add block %s\n", pim_prefix_format(&list[i], false, text));
		finish(file);
	}
	free(list);
}

json_t *bench_prepare(int count, char **arguments, const struct bench_effort *effort)
{
	if (count != 1)
		bench_die("prepare: expected a folder");
	folder = arguments[0];
	bench_waiting("preparing lists");
	write_lists("partners", true, 1);
	write_lists("clients", true, 2);
	write_lists("messenger", true, 3);
	write_lists("block", false, 4);
	write_large("large.prefixes", effort->largest, 5, true);
	write_large("other.prefixes", effort->largest, 6, false);
	write_rig_ruleset();
	write_config("small.conf", true, "block.prefixes");
	write_config("large.conf", true, "large.prefixes");
	write_config("load.conf", false, "large.prefixes");
	write_config("other.conf", false, "other.prefixes");
	return json_pack("{s:i, s:I}", "list", LIST, "largest", (json_int_t)effort->largest);
}
