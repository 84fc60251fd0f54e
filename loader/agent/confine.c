/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/confine.h"

#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "machine/privilege.h"

/* What loading needs, then CAP_CHOWN, which gives pins to a group. */
enum { KEPT = PIM_CAPABILITIES + 1 };

static cap_value_t kept(unsigned int index)
{
	return index < PIM_CAPABILITIES ? pim_capability_number(index) : CAP_CHOWN;
}

static bool is_permitted(cap_t capabilities, cap_value_t value)
{
	cap_flag_value_t has = CAP_CLEAR;

	return !cap_get_flag(capabilities, value, CAP_PERMITTED, &has) && has == CAP_SET;
}

/* Needs CAP_SETPCAP. Without it, no_new_privs alone keeps executed programs from
 * gaining capabilities. */
static void drop_bounding(void)
{
	for (cap_value_t value = 0; value < cap_max_bits(); value++)
		if (cap_get_bound(value) > 0)
			cap_drop_bound(value);
}

int pim_confine(bool keep_chown, struct pim_error *error)
{
	cap_t had = cap_get_proc(), keep = cap_init();
	int result = had && keep ? 0 : -ENOMEM;

	for (unsigned int i = 0; !result && i < KEPT; i++) {
		cap_value_t value = kept(i);

		if ((value != CAP_CHOWN || keep_chown) && is_permitted(had, value))
			cap_set_flag(keep, CAP_PERMITTED, 1, &value, CAP_SET);
	}
	cap_reset_ambient();
	drop_bounding();
	if (!result && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || cap_set_proc(keep)))
		result = -errno;
	cap_free(had);
	cap_free(keep);
	if (result)
		pim_fail(error, -result, "cannot give up privileges: %s", strerror(-result));
	return result;
}

static void set_effective(cap_flag_value_t wanted)
{
	cap_t now = cap_get_proc();

	for (unsigned int i = 0; now && i < KEPT; i++) {
		cap_value_t value = kept(i);

		if (is_permitted(now, value))
			cap_set_flag(now, CAP_EFFECTIVE, 1, &value, wanted);
	}
	if (now)
		cap_set_proc(now);
	cap_free(now);
}

void pim_confine_raise(void)
{
	set_effective(CAP_SET);
}

void pim_confine_lower(void)
{
	set_effective(CAP_CLEAR);
}
