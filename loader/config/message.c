/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/quote.h"

char *pim_origin_format(const struct pim_policy *policy, struct pim_origin origin,
			char text[PIM_ORIGIN_TEXT])
{
	char path[PIM_QUOTE_PATH];

	pim_quote_path(policy->files[origin.file].path, path);
	if (origin.line)
		snprintf(text, PIM_ORIGIN_TEXT, "%s:%u", path, origin.line);
	else
		snprintf(text, PIM_ORIGIN_TEXT, "%s", path);
	return text;
}

int pim_refused_at(const struct pim_policy *policy, struct pim_origin origin,
		   struct pim_error *error)
{
	char where[PIM_ORIGIN_TEXT];

	pim_error_prefix(error, "%s: ", pim_origin_format(policy, origin, where));
	return -EINVAL;
}

int pim_refuse_at(const struct pim_policy *policy, struct pim_origin origin,
		  struct pim_error *error, const char *format, ...)
{
	char text[sizeof(error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	pim_refuse(error, "%s", text);
	return pim_refused_at(policy, origin, error);
}

int pim_warn_at(struct pim_policy *policy, struct pim_origin origin, struct pim_error *error,
		const char *format, ...)
{
	char where[PIM_ORIGIN_TEXT], line[PIM_ORIGIN_TEXT + sizeof(error->text)];
	va_list arguments;
	char **warnings;
	int used;

	used = snprintf(line, sizeof(line), "%s: ", pim_origin_format(policy, origin, where));
	va_start(arguments, format);
	vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
	va_end(arguments);
	warnings = pim_array_grow(policy->warnings, policy->warning_count, sizeof(*warnings));
	if (!warnings)
		return pim_out_of_memory(error);
	policy->warnings = warnings;
	warnings[policy->warning_count] = strdup(line);
	if (!warnings[policy->warning_count])
		return pim_out_of_memory(error);
	policy->warning_count++;
	return 0;
}
