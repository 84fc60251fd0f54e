/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/verbs.h"

#include <string.h>

#define PIM_VERB(name) extern const struct pim_verb pim_verb_##name;
#include "cli/verbs.def"
#undef PIM_VERB

const struct pim_verb *const pim_verbs[] = {
#define PIM_VERB(name) &pim_verb_##name,
#include "cli/verbs.def"
#undef PIM_VERB
	NULL,
};

const struct pim_verb *pim_verb_find(const char *name)
{
	for (const struct pim_verb *const *verb = pim_verbs; *verb; verb++)
		if (!strcmp((*verb)->name, name))
			return *verb;
	return NULL;
}
