/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A policy with one of everything, read from its text. */
#ifndef PIMXDP_TESTS_OUTPUT_CONFIGURATION_H
#define PIMXDP_TESTS_OUTPUT_CONFIGURATION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"
#include "policy/policy.h"
#include "unit/folder.h"

static inline void read_policy(const char *configuration, struct pim_policy *policy)
{
	struct pim_error error = {};

	write_text("edge.conf", configuration);
	if (pim_config_read("edge.conf", policy, &error))
		fail_msg("%s", error.text);
}

static const char configuration[] =
	"edge = { access = [ \"198.51.100.10\", \"2001:db8:10::10\" ] }\n"
	"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\" ] },\n"
	"             { name = \"nobody yet\" } )\n"
	"clients = { addresses = [ \"0.0.0.0/0\", \"192.0.2.0/24\", \"192.0.2.1\", \"192.0.2.2\", \"192.0.2.3\" ] }\n"
	"block = { addresses = [ \"203.0.113.66\" ] }\n"
	"failsafe = { addresses = [ \"203.0.113.99\" ] }\n"
	"services = ( { name = \"dns-reply\", transport = \"udp\", direction = \"out\", edge = \"access\"\n"
	"               peers = \"client\", ports = [ \"53\", \"853-854\" ] } )\n"
	"disable = [ \"rtp-out\", \"stun-out\" ]\n"
	"options = { mode = \"observe\", stun-shape = \"strict\" }\n";

#endif
