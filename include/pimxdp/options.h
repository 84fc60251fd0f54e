/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The options group of the configuration, derived from options.def. */
#ifndef PIMXDP_ABI_OPTIONS_H
#define PIMXDP_ABI_OPTIONS_H

#include <pimxdp/types.h>

/* The position of each option and value in options.def; the values below are counted from it. */
enum pim_option_value_position {
#define PIM_OPTION(FIELD, field, name) PIM_OPT_##FIELD##_BASE,
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text) PIM_OPT_##FIELD##_##VALUE,
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};

/* PIM_MODE_ENFORCE, PIM_FRAGMENTS_PASS and so on. Each option's values count from
 * its own PIM_OPT_*_BASE, so a default is zero. */
enum pim_option_value {
#define PIM_OPTION(FIELD, field, name)
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text) \
	PIM_##FIELD##_##VALUE = PIM_OPT_##FIELD##_##VALUE - PIM_OPT_##FIELD##_BASE - 1,
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};

/* One byte per option, with a value of the enum above. All zero is the default. It is
 * read-only data of the program, so the verifier removes the branches that a
 * configuration does not use. */
struct pim_options {
#define PIM_OPTION(FIELD, field, name) __u8 field;
#define PIM_OPTION_VALUE(FIELD, VALUE, field, text)
#include <pimxdp/options.def>
#undef PIM_OPTION
#undef PIM_OPTION_VALUE
};

#endif
