/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "cli/say.h"
#include "config/config.h"
#include "kernel/pins.h"
#include "output/check.h"

enum pim_exit pim_for_interfaces(const struct pim_arguments *arguments,
				 enum pim_exit (*run)(const struct pim_arguments *arguments,
						      char *const *interfaces, size_t count))
{
	char *named[] = { (char *)arguments->operand }, **interfaces;
	struct pim_error error = {};
	enum pim_exit status;
	size_t count;

	if (arguments->operand)
		return run(arguments, named, 1);
	if (pim_pins_list(&interfaces, &count, &error))
		return pim_give_up(&error);
	status = run(arguments, interfaces, count);
	pim_pins_list_free(&interfaces, &count);
	return status;
}

int pim_the_interface(const struct pim_arguments *arguments, char **interface,
		      struct pim_error *error)
{
	char **interfaces, list[PIM_NAME_LIST];
	const char **names;
	size_t count;
	int result = 0;

	*interface = NULL;
	if (arguments->operand) {
		*interface = strdup(arguments->operand);
		return *interface ? 0 : pim_out_of_memory(error);
	}
	result = pim_pins_list(&interfaces, &count, error);
	if (result)
		return result;
	names = calloc(count + 1, sizeof(*names));
	for (size_t i = 0; names && i < count; i++)
		names[i] = interfaces[i];
	if (!names || (count == 1 && !(*interface = strdup(interfaces[0]))))
		result = pim_out_of_memory(error);
	else if (!count)
		result = pim_fail(error, ENOENT,
				  "no filter is attached: pimxdp attach INTERFACE --config FILE");
	else if (count > 1)
		result = pim_refuse(error, "expected INTERFACE, because there are %zu: %s", count,
				    pim_name_list(names, list));
	free(names);
	pim_pins_list_free(&interfaces, &count);
	return result;
}

int pim_load_policy(const char *path, struct pim_policy *policy, enum pim_exit *status)
{
	struct pim_error error = {};
	int result = pim_config_read(path, policy, &error);

	if (!result) {
		pim_output_findings_text(stderr, "pimxdp: warning: ", policy, &policy->warnings);
		return 0;
	}
	*status = error.kind;
	if (error.kind == PIM_EXIT_USAGE)
		pim_output_findings_text(stderr, "", policy, &policy->errors);
	else
		pim_give_up(&error);
	pim_policy_free(policy);
	return result;
}

int pim_load_image(const char *path, struct pim_policy *policy, struct pim_image *image,
		   enum pim_exit *status)
{
	struct pim_error error = {};
	int result = pim_load_policy(path, policy, status);

	if (result)
		return result;
	result = pim_compile(policy, NULL, image, &error);
	if (result) {
		pim_image_free(image);
		pim_policy_free(policy);
		*status = pim_give_up(&error);
	}
	return result;
}
