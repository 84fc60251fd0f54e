/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "policy/finding.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static bool is_before(struct pim_origin a, struct pim_origin b)
{
	return a.file != b.file ? a.file < b.file : a.line < b.line;
}

static void free_finding(struct pim_finding *finding)
{
	free(finding->text);
	free(finding->remedy);
}

static bool is_full(const struct pim_findings *findings)
{
	return findings->limit && findings->count == findings->limit;
}

int pim_findings_add(struct pim_findings *findings, enum pim_severity severity,
		     struct pim_origin origin, const char *text, const char *remedy)
{
	struct pim_finding added = { .severity = severity, .origin = origin };
	struct pim_finding *grown;
	size_t at;

	if (is_full(findings) && !is_before(origin, findings->list[findings->count - 1].origin)) {
		findings->more++;
		return 0;
	}
	grown = pim_array_grow(findings->list, findings->count, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	findings->list = grown;
	added.text = strdup(text);
	added.remedy = remedy ? strdup(remedy) : NULL;
	if (!added.text || (remedy && !added.remedy)) {
		free_finding(&added);
		return -ENOMEM;
	}
	if (is_full(findings)) {
		free_finding(&grown[--findings->count]);
		findings->more++;
	}
	for (at = findings->count; at && is_before(origin, grown[at - 1].origin); at--)
		grown[at] = grown[at - 1];
	grown[at] = added;
	findings->count++;
	return 0;
}

void pim_findings_free(struct pim_findings *findings)
{
	for (size_t at = 0; at < findings->count; at++)
		free_finding(&findings->list[at]);
	free(findings->list);
	*findings = (struct pim_findings){};
}
