/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/message.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int pim_refused_at(struct pim_policy *policy, struct pim_origin origin, struct pim_error *error)
{
	char where[PIM_ORIGIN_TEXT];

	if (pim_findings_add(&policy->errors, PIM_ERROR, origin, error->text, NULL))
		policy->errors.more++;
	pim_error_prefix(error, "%s: ", pim_origin_format(policy, origin, where));
	return -EINVAL;
}

int pim_refuse_at(struct pim_policy *policy, struct pim_origin origin, struct pim_error *error,
		  const char *format, ...)
{
	char text[sizeof(error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	pim_refuse(error, "%s", text);
	return pim_refused_at(policy, origin, error);
}
