/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scans the text of a configuration before libconfig sees it. libconfig accepts an
 * unclosed comment at the end, joins strings without a comma between them ("80" "81"
 * is "8081"), gives a string at the end of a list the line number of what follows, and
 * stops at the first fault of a kind. So this scanner refuses the first two, records the line
 * of each string, and mends what it refuses if it can, so that the rest is looked at.
 */
#ifndef PIMXDP_CONFIG_TEXT_H
#define PIMXDP_CONFIG_TEXT_H

#include "policy/policy.h"

/* Owns everything it points to. Empty when zero-initialised. */
struct pim_config_text {
	char *bytes; /* NUL-terminated; what libconfig parses, includes expanded */
	size_t size, room;
	struct pim_origin *lines; /* origin of each line of `bytes` */
	size_t line_count;
	struct pim_origin *strings; /* origin of each string, in the order of the text */
	size_t string_count;
	bool ends_in_string; /* the last token so far, comments aside, is a string */
};

/* Reads policy->files[0], and the files that it includes by lines `@include "FILE"`.
 * Refuses files that cannot be read, or are too many or too large; NUL bytes, unclosed
 * strings, comments and brackets, and brackets that do not match. Returns 0 or -errno.
 *
 * Of these faults what was meant is plain, so they are only added to policy->errors, and
 * the text has what was meant: strings without a comma between them, a comma before a closing
 * bracket, values without quotes or in strange ones, keys that are in a group already (their
 * setting is left out), and unknown keys beyond what libconfig can take in linear time. The
 * caller frees *text with pim_config_text_free, also on failure. */
int pim_config_text_read(struct pim_policy *policy, struct pim_config_text *text,
			 struct pim_error *error);
void pim_config_text_free(struct pim_config_text *text);

/* Where a line of `bytes` came from. Lines count from 1; a number past the end means the
 * last line. */
struct pim_origin pim_config_text_line(const struct pim_config_text *text, unsigned int line);

/* Refuses the text because of a fault that libconfig found at a line of `bytes`. Returns
 * -EINVAL. */
int pim_config_text_refuse(struct pim_policy *policy, const struct pim_config_text *text,
			   unsigned int line, const char *fault, struct pim_error *error);

#endif
