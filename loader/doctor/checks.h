/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The list of checks: what each found, and what to do about it. */
#ifndef PIMXDP_DOCTOR_CHECKS_H
#define PIMXDP_DOCTOR_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

enum pim_check_state {
	PIM_CHECK_OK,
	PIM_CHECK_WARNING, /* attach works, but slower or not as expected; or it cannot be told */
	PIM_CHECK_PROBLEM, /* attach will fail */
};
const char *pim_check_state_name(enum pim_check_state state); /* "warning" */

struct pim_check {
	char subject[16]; /* "kernel", "bpffs", "process", "interfaces", or an interface */
	char check[20];	  /* "version"; for the subject "interfaces", the interface */
	enum pim_check_state state;
	char found[768];
	char advice[768]; /* what to do; "" when the state is ok */
};

/* Owned by the caller, all zero at first; freed with pim_doctor_free. */
struct pim_doctor {
	struct pim_check *checks;
	size_t count;
	bool out_of_memory; /* a check is missing */
};

/* Adds a check with the state ok; pim_advise can change it. The pointer is valid until the
 * next pim_found. Returns NULL when out of memory; pim_advise accepts NULL. */
struct pim_check *pim_found(struct pim_doctor *doctor, const char *subject, const char *check,
			    const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Sets the state of a check, and the advice. */
void pim_advise(struct pim_check *check, enum pim_check_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The worst state of all checks. */
enum pim_check_state pim_doctor_worst(const struct pim_doctor *doctor);
void pim_doctor_free(struct pim_doctor *doctor);

#endif
