/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options, the types of their values, and the values that a command line gives them. */
#ifndef PIMXDP_CLI_OPTIONS_H
#define PIMXDP_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/agent.h"
#include "base/names.h"

enum pim_cli_option {
#define PIM_CLI_OPTION(ID, ...) PIM_CLI_##ID,
#include "cli/options.def"
#undef PIM_CLI_OPTION
	PIM_CLI_OPTIONS,
};

/* A set of options. */
typedef uint64_t pim_option_set;
#define PIM_TAKES(ID) ((pim_option_set)1 << PIM_CLI_##ID)
_Static_assert(PIM_CLI_OPTIONS <= 64, "a bit each");

/* Types of values, by their names in options.def. */
typedef bool PIM_TYPE_FLAG;
typedef const char *PIM_TYPE_TEXT;
typedef struct {
	bool given;
	unsigned long value;
} PIM_TYPE_NUMBER;
typedef enum pim_role PIM_TYPE_ROLE; /* 0: all */
typedef enum pim_attach_mode PIM_TYPE_MODE;
typedef gid_t PIM_TYPE_GROUP;	    /* PIM_NO_GROUP: none */
typedef const char *PIM_TYPE_WHERE; /* an address to serve at */
typedef enum pim_log_format PIM_TYPE_LOG_FORMAT;

/* A parsed command line. Strings are not copied: they are those of argv. */
struct pim_arguments {
	const char *operand;	/* interface, address or capture; NULL: none */
	struct pim_pair *pairs; /* for a verb that takes many operands, each with a --config */
	size_t pair_count;
#define PIM_CLI_OPTION(ID, field, name, letter, TYPE, ...) PIM_TYPE_##TYPE field;
#include "cli/options.def"
#undef PIM_CLI_OPTION
};

struct pim_option {
	const char *name;
	char letter;	      /* 0: none */
	const char *argument; /* placeholder in the usage; NULL: takes no value */
	const char *help;
	/* Parses a value into the option's field; a FLAG ignores `text`. Returns 0 or -EINVAL. */
	int (*parse)(const char *text, void *field);
	size_t offset; /* of the field in struct pim_arguments */
};
extern const struct pim_option pim_options_known[PIM_CLI_OPTIONS];

/* What a value must be, for messages: "--mode auto, native or skb"; and the values to
 * append to the option's help, "" unless it is a ROLE. Both fill and return `text`. */
#define PIM_EXPECTED_TEXT (PIM_NAME_LIST + 64)
char *pim_option_expected(enum pim_cli_option option, char text[PIM_EXPECTED_TEXT]);
char *pim_option_values(enum pim_cli_option option, char text[PIM_NAME_LIST]);

#endif
