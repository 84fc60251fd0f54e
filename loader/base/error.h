/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How lower layers report what went wrong: a negative errno and one line of text. */
#ifndef PIMXDP_BASE_ERROR_H
#define PIMXDP_BASE_ERROR_H

/* Exit status of the command; also which kind of failure a pim_error is. */
enum pim_exit {
	PIM_EXIT_DONE = 0,
	PIM_EXIT_FAILED = 1, /* the system or the kernel refused */
	PIM_EXIT_USAGE = 2,  /* the command line or the configuration is wrong */
};

/* One line without a trailing newline: what failed, what was expected and
 * found, what to do next. Owned by the caller, who may reuse it; all zero when
 * unset. */
struct pim_error {
	enum pim_exit kind;
	char text[768];
};

/* Fills *error (which may be NULL) and returns -code, so that a failing
 * function ends with one return statement. `code` is a positive errno. */
int pim_fail(struct pim_error *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same for mistakes in a configuration or a command line (exit status 2);
 * returns -EINVAL. */
int pim_refuse(struct pim_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts text in front of what *error (which may be NULL) already says; its kind stays. */
void pim_error_prefix(struct pim_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The failure that every allocation shares: fills *error, returns -ENOMEM. */
int pim_out_of_memory(struct pim_error *error);

#endif
