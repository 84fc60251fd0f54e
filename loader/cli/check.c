/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* check, policy, lookup: what needs no kernel. */
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/config.h"
#include "image/read.h"
#include "output/output.h"

/* Reads and compiles: what passes here, attach will load. Says what is wrong. */
static enum pim_exit prepare(const char *config, struct pim_policy *policy,
			     struct pim_image *image)
{
	struct pim_error error = {};
	enum pim_exit status;

	if (pim_load_policy(config, policy, &status))
		return status;
	if (!pim_compile(policy, NULL, image, &error))
		return PIM_EXIT_DONE;
	pim_image_free(image);
	pim_policy_free(policy);
	return pim_give_up(&error);
}

enum pim_exit pim_cmd_check(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct pim_policy policy;
	struct pim_image image;
	enum pim_exit status;

	status = prepare(arguments->config, &policy, &image);
	if (status != PIM_EXIT_DONE)
		return status;
	if (arguments->print) {
		char *text = pim_config_print(&policy);

		if (text)
			fputs(text, stdout);
		else
			pim_fail(&error, ENOMEM, "out of memory");
		free(text);
	} else {
		pim_output_check_text(stdout, arguments->config, &policy);
	}
	pim_image_free(&image);
	pim_policy_free(&policy);
	return *error.text ? pim_give_up(&error) : PIM_EXIT_DONE;
}

enum pim_exit pim_cmd_policy(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct pim_policy policy;

	if (pim_policy_init(&policy)) {
		pim_fail(&error, ENOMEM, "out of memory");
		return pim_give_up(&error);
	}
	if (arguments->json)
		pim_output_policy_json(stdout, arguments->pretty, &policy);
	else
		pim_output_policy_text(stdout, &policy);
	pim_policy_free(&policy);
	return PIM_EXIT_DONE;
}

static enum pim_exit look_up_config(const char *config, const struct pim_prefix *address)
{
	struct pim_address_value value;
	struct pim_policy policy;
	struct pim_image image;
	enum pim_exit status;

	status = prepare(config, &policy, &image);
	if (status != PIM_EXIT_DONE)
		return status;
	value = pim_addresses_look_up(image.addresses.words, address);
	pim_output_lookup_text(stdout, address, value.roles,
			       value.partner ? image.names.partners[value.partner] : NULL, &policy);
	pim_image_free(&image);
	pim_policy_free(&policy);
	return PIM_EXIT_DONE;
}

enum pim_exit pim_cmd_lookup(const struct pim_arguments *arguments)
{
	struct pim_error error = {};
	struct pim_prefix address;

	if (pim_prefix_parse(arguments->operand, &address, &error))
		return pim_give_up(&error);
	if (address.length != pim_family_bits(address.family)) {
		pim_refuse(&error, "expected an address, found the prefix '%s'", arguments->operand);
		return pim_give_up(&error);
	}
	if (!arguments->config == !arguments->interface) {
		pim_refuse(&error, "lookup: expected either --config FILE or --interface IF");
		return pim_give_up(&error);
	}
	return arguments->config ? look_up_config(arguments->config, &address) :
				   pim_look_up_attached(arguments->interface, &address);
}
