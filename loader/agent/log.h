/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's log: one line an event, on stderr. */
#ifndef PIMXDP_LOG_H
#define PIMXDP_LOG_H

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

/* Before the first line. Under systemd's journal a line of text carries its level
 * in front, and no time. */
void pim_log_start(enum pim_log_format format);

/* Logs an event with its fields: an object of strings, numbers and booleans,
 * printed in its order and freed here; NULL for none. */
void pim_log(enum pim_event event, json_t *fields);

#endif
