/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The list of checks: what was found, and what to do about it. */
#ifndef PIMXDP_DOCTOR_CHECKS_H
#define PIMXDP_DOCTOR_CHECKS_H

#include <stdbool.h>
#include <stddef.h>

enum pim_check_state {
	PIM_CHECK_OK,
	PIM_CHECK_WARNING, /* attach works, but slower or otherwise than one may think; or unseen */
	PIM_CHECK_PROBLEM, /* attach will fail */
};
const char *pim_check_state_name(enum pim_check_state state); /* "warning" */

struct pim_check {
	char subject[16];  /* "kernel", "bpffs", "process", "interfaces", or an interface */
	char check[20];	   /* "version"; of "interfaces": which */
	enum pim_check_state state;
	char found[768];
	char advice[768];  /* what to do; "" where the state is ok */
};

/* Owned by whoever declares it, all zero at first; freed with pim_doctor_free. */
struct pim_doctor {
	struct pim_check *checks;
	size_t count;
	bool out_of_memory; /* a check is missing */
};

/* Adds a check that is ok; pim_advise makes it another. NULL when out of memory,
 * which pim_advise takes. */
struct pim_check *pim_found(struct pim_doctor *doctor, const char *subject, const char *check,
			    const char *format, ...) __attribute__((format(printf, 4, 5)));
void pim_advise(struct pim_check *check, enum pim_check_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The worst state of all checks. */
enum pim_check_state pim_doctor_worst(const struct pim_doctor *doctor);
void pim_doctor_free(struct pim_doctor *doctor);

#endif
