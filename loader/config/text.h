/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The text of a configuration, before libconfig sees it. libconfig accepts an
 * open comment at the end, joins strings that lack a comma between them
 * ("80" "81" is "8081"), and gives a string at the end of a list the line of
 * what follows. So this reader goes over the text first, refuses the former,
 * and records where each string stands.
 */
#ifndef PIMXDP_CONFIG_TEXT_H
#define PIMXDP_CONFIG_TEXT_H

#include "policy/policy.h"

/* Owns everything it points to; zero-initialised it is empty. */
struct pim_config_text {
	char *bytes;		    /* what libconfig reads: the file with its includes in place */
	size_t size;
	struct pim_origin *lines;   /* of each line of `bytes` */
	size_t line_count;
	struct pim_origin *strings; /* of each string, in the order of the text */
	size_t string_count;
	bool ends_in_string;	    /* what was read so far does, comments aside */
};

/* Reads policy->files[0], and the files it names by lines `@include "FILE"`.
 * Refuses what cannot be read, a NUL byte, an open string, comment or bracket,
 * brackets that do not match, strings without a comma between them. The caller
 * frees *text whatever the result. */
int pim_config_text_read(struct pim_policy *policy, struct pim_config_text *text,
			 struct pim_error *error);
void pim_config_text_free(struct pim_config_text *text);

/* Where the line of `bytes` came from; lines count from 1, one behind the end
 * stands for the last. */
struct pim_origin pim_config_text_line(const struct pim_config_text *text, unsigned int line);

/* Refuses what libconfig said is wrong at a line of `bytes`. */
int pim_config_text_refuse(const struct pim_policy *policy, const struct pim_config_text *text,
			   unsigned int line, const char *fault, struct pim_error *error);

#endif
