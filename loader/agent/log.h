/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's log: one line per event, on stderr. */
#ifndef PIMXDP_AGENT_LOG_H
#define PIMXDP_AGENT_LOG_H

#include <jansson.h>

enum pim_log_format {
	PIM_LOG_TEXT, /* time=... level=info event=attached interface=eth1 ... */
	PIM_LOG_JSON, /* {"time": ..., "level": "info", "event": "attached", ...} */
};

/* PIM_EVENT_ATTACHED and so on (events.def). */
enum pim_event {
#define PIM_EVENT(id, level, name, meaning) PIM_EVENT_##id,
#include "agent/events.def"
#undef PIM_EVENT
};

/* Call it before the first pim_log. If stderr is systemd's journal, lines of text begin
 * with the level as "<N>", N as in syslog(3), instead of the time. */
void pim_log_start(enum pim_log_format format);

/* Logs an event with its fields: an object of strings, integers and booleans, printed in
 * its order; NULL for none. Takes over the reference to `fields`. */
void pim_log(enum pim_event event, json_t *fields);

#endif
