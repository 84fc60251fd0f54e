/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/verbs.h"

#include <string.h>

#include "base/names.h"

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

const char *pim_verb_nearest(const char *name)
{
	static const char *const names[] = {
#define PIM_VERB(name) #name,
#include "cli/verbs.def"
#undef PIM_VERB
		"help", /* a command without a file */
		NULL,
	};

	return pim_name_nearest(names, name);
}
