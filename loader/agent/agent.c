/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/agent.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "agent/confine.h"
#include "agent/copier.h"
#include "agent/negotiate.h"
#include "agent/notify.h"
#include "agent/server.h"
#include "base/clock.h"
#include "base/json.h"
#include "kernel/pins.h"
#include "output/line.h"
#include "output/metrics.h"

/* A file that was put in place of another is read once that has been quiet for settle_time,
 * so that the steps of an editor count as one change. One that is written where it is must
 * have been closed, and have rested for rest_time: half a list looks like a whole one. A file
 * that was written to by its path is never seen to be closed, so after OPEN_SECONDS_MAX
 * without a change it counts as closed. One that never rests is never read: that is said
 * after MOTION_SECONDS. An interface that comes back is handled at once, one that flaps at
 * most once per link_pause. */
static const struct timeval settle_time = { .tv_usec = 250000 };
static const struct timeval rest_time = { .tv_sec = 3 };
static const struct timeval link_pause = { .tv_usec = 100000 };
enum { OPEN_SECONDS_MAX = 60, MOTION_SECONDS = 20, MISSING_SECONDS_MAX = 2 };

/* Some changes raise no event (a directory renamed higher up, a failed attach), so
 * everything is checked at this interval. */
static const struct timeval look_time = { .tv_sec = 10 };

struct agent {
	struct event_base *base;
	struct pim_target *targets;
	struct pim_collect *collects; /* one per target */
	size_t count;
	struct pim_watch *watch;
	struct pim_server *server;
	struct pim_copier *copier; /* NULL: copies are not wanted */
	int links;		   /* netlink socket, or -1 */
	struct event *files_event, *files_timer, *links_event, *links_timer, *look_timer;
	struct event *hangup, *terminate, *interrupt, *watchdog;
	time_t unsettled_since; /* pim_monotonic_s(); 0: no change is pending */
	time_t moved;		/* the last sign of one */
	bool written;		/* in place, not only swapped */
	bool said_motion;
	uint64_t fingerprint; /* of all files at that time */
	bool links_changed;   /* since they were last tended */
	char status[128];     /* that the manager knows */
	struct pim_agent_counts metrics;
};

/* ---- what the service manager and the probes are told ---- */

static size_t attached_count(const struct agent *agent)
{
	size_t attached = 0;

	for (size_t i = 0; i < agent->count; i++)
		attached +=
			agent->targets[i].state == PIM_TARGET_ATTACHED && !agent->targets[i].unseen;
	return attached;
}

/* Says nothing if `before` is empty and the manager knows. */
static void notify_status(struct agent *agent, const char *before)
{
	size_t failing = 0, last_good = 0;
	char status[sizeof(agent->status)];

	for (size_t i = 0; i < agent->count; i++) {
		failing += agent->targets[i].counts.last_reload_failed;
		last_good += !!agent->targets[i].counts.last_good_since_ns;
	}
	snprintf(
		status, sizeof(status), "STATUS=%zu of %zu interfaces attached%s",
		attached_count(agent), agent->count,
		last_good ?
			"; THE CONFIGURATION IS REFUSED, the last good policy is in force, see the log" :
		failing ? "; the last reload failed, see the log" :
			  "");
	if (!*before && !strcmp(status, agent->status))
		return;
	memcpy(agent->status, status, sizeof(status));
	pim_notify("%s%s", before, status);
}

static void write_states(FILE *body, const struct agent *agent)
{
	for (size_t i = 0; i < agent->count; i++) {
		const struct pim_target *target = &agent->targets[i];

		pim_line(body, "%s: %s%s%s", target->interface,
			 target->unseen ? "unknown" : pim_target_state_name(target->state),
			 *target->problem ? ": " : "", target->problem);
	}
}

/* That it answers shows that the event loop runs. */
static int write_healthz(FILE *body, const char *accept, const char **media_type, void *context)
{
	(void)accept;
	(void)media_type;
	(void)context;
	fputs("ok\n", body);
	return 200;
}

static int write_readyz(FILE *body, const char *accept, const char **media_type, void *context)
{
	const struct agent *agent = context;

	(void)accept;
	(void)media_type;
	write_states(body, agent);
	return attached_count(agent) == agent->count ? 200 : 503;
}

static int write_metrics(FILE *body, const char *accept, const char **media_type, void *context)
{
	struct agent *agent = context;
	enum pim_metrics_format format = pim_metrics_negotiate(accept);
	uint64_t begin_ns = pim_realtime_ns();
	struct pim_metrics metrics;
	int result = pim_collect_metrics(agent->collects, agent->count, &agent->metrics, &metrics);

	if (!result) {
		*media_type = pim_metrics_content_type(format);
		pim_output_metrics(body, format, &metrics);
	}
	pim_metrics_free(&metrics);
	agent->metrics.last_scrape_ns = pim_realtime_ns() - begin_ns;
	return result ? 500 : 200;
}

static const struct pim_page pages[] = {
	{ "/metrics", write_metrics },
	{ "/healthz", write_healthz },
	{ "/readyz", write_readyz },
	{},
};

/* ---- events ---- */

static bool apply(struct agent *agent, struct pim_target *target, enum pim_cause cause)
{
	bool done;

	pim_notify("RELOADING=1\nMONOTONIC_USEC=%" PRIu64, pim_monotonic_ns() / 1000);
	done = pim_target_apply(target, cause);
	notify_status(agent, "READY=1\n");
	return done;
}

static void on_hangup(evutil_socket_t signal, short what, void *argument)
{
	struct agent *agent = argument;

	(void)signal;
	(void)what;
	for (size_t i = 0; i < agent->count; i++)
		apply(agent, &agent->targets[i], PIM_CAUSE_SIGNAL);
}

static void on_stop(evutil_socket_t signal, short what, void *argument)
{
	struct agent *agent = argument;

	(void)signal;
	(void)what;
	event_base_loopexit(agent->base, NULL);
}

static uint64_t fingerprint(const struct agent *agent)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < agent->count; i++)
		sum = sum * 31 + pim_files_fingerprint(&agent->targets[i].files);
	return sum;
}

/* Something changes: until it has rested, nothing is read. */
static void unsettle(struct agent *agent, bool written)
{
	agent->moved = pim_monotonic_s();
	if (!agent->unsettled_since) {
		agent->unsettled_since = agent->moved;
		agent->written = false;
		agent->said_motion = false;
	}
	agent->written = agent->written || written;
	agent->fingerprint = fingerprint(agent);
	for (size_t i = 0; i < agent->count; i++)
		agent->targets[i].settling = true;
	evtimer_add(agent->files_timer, agent->written ? &rest_time : &settle_time); /* anew */
}

static void settle(struct agent *agent)
{
	agent->unsettled_since = 0;
	for (size_t i = 0; i < agent->count; i++)
		agent->targets[i].settling = false;
}

/* Applies the files as they are now. A missing file may be in the middle of being
 * replaced, so it gets MISSING_SECONDS_MAX. */
static void apply_changes(struct agent *agent)
{
	bool waiting = false, moving = false,
	     patient = pim_monotonic_s() - agent->unsettled_since < MISSING_SECONDS_MAX;

	for (size_t i = 0; i < agent->count; i++) {
		struct pim_target *target = &agent->targets[i];
		bool missing;

		if (!pim_files_changed(&target->files, &missing))
			continue;
		if (missing && patient)
			waiting = true;
		else
			moving = !apply(agent, target, PIM_CAUSE_CHANGE) || moving;
	}
	if (moving)
		unsettle(agent, true);
	else if (waiting)
		evtimer_add(agent->files_timer, &settle_time);
	else
		settle(agent);
}

static void say_motion(struct agent *agent, const char *open)
{
	if (agent->said_motion || pim_monotonic_s() - agent->unsettled_since < MOTION_SECONDS)
		return;
	agent->said_motion = true;
	pim_log(PIM_EVENT_IN_MOTION,
		json_pack(
			"{s:o, s:s}", "file", pim_json_text(open ? open : "of a configuration"),
			"advice",
			open ? "its writer has not closed it: the policy before stays; SIGHUP reads it now" :
			       "it changes again and again: the policy before stays; SIGHUP reads it now"));
}

static void on_files_settled(evutil_socket_t descriptor, short what, void *argument)
{
	struct agent *agent = argument;
	const char *open = pim_watch_open(agent->watch);

	(void)descriptor;
	(void)what;
	if (fingerprint(agent) != agent->fingerprint) {
		unsettle(agent, agent->written); /* a file system that raises no events */
	} else if (open && pim_monotonic_s() - agent->moved < OPEN_SECONDS_MAX) {
		say_motion(agent, open);
		evtimer_add(agent->files_timer, &rest_time);
	} else {
		apply_changes(agent);
	}
}

static void on_files(evutil_socket_t descriptor, short what, void *argument)
{
	struct agent *agent = argument;
	enum pim_watch_seen seen = pim_watch_drain(agent->watch);

	(void)descriptor;
	(void)what;
	if (seen == PIM_SEEN_NOTHING)
		return;
	unsettle(agent, seen == PIM_SEEN_WRITTEN);
	say_motion(agent, pim_watch_open(agent->watch));
}

static void tend(struct agent *agent)
{
	bool missing;

	/* First, since tending may read the files: not while they change. */
	for (size_t i = 0; i < agent->count; i++)
		if (pim_files_changed(&agent->targets[i].files, &missing) &&
		    !agent->unsettled_since)
			unsettle(agent, true);
	for (size_t i = 0; i < agent->count; i++)
		pim_target_tend(&agent->targets[i]);
	notify_status(agent, "");
}

/* Tends the targets now or, if that was just done, when the pause is over. */
static void tend_links(struct agent *agent)
{
	if (!agent->links_changed || evtimer_pending(agent->links_timer, NULL))
		return;
	agent->links_changed = false;
	tend(agent);
	evtimer_add(agent->links_timer, &link_pause);
}

static void on_links_pause(evutil_socket_t descriptor, short what, void *argument)
{
	(void)descriptor;
	(void)what;
	tend_links(argument);
}

/* The messages only tell when to look, so their contents are discarded. */
static void on_links(evutil_socket_t descriptor, short what, void *argument)
{
	struct agent *agent = argument;
	char message[8192];

	(void)what;
	do
		errno = 0;
	while (recv(descriptor, message, sizeof(message), MSG_DONTWAIT) > 0 || errno == ENOBUFS);
	agent->links_changed = true;
	tend_links(agent);
}

static void on_look(evutil_socket_t descriptor, short what, void *argument)
{
	(void)descriptor;
	(void)what;
	tend(argument);
}

static void on_watchdog(evutil_socket_t descriptor, short what, void *argument)
{
	(void)descriptor;
	(void)what;
	(void)argument;
	pim_notify("WATCHDOG=1");
}

/* ---- start and end ---- */

static int open_links(struct pim_error *error)
{
	/* Addresses, because a policy is held against those there are. */
	const struct sockaddr_nl groups = { .nl_family = AF_NETLINK,
					    .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
							 RTMGRP_IPV6_IFADDR };
	int links = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

	if (links >= 0 && !bind(links, (const struct sockaddr *)&groups, sizeof(groups)))
		return links;
	pim_fail(error, errno, "cannot follow the interfaces: %s", strerror(errno));
	if (links >= 0)
		close(links);
	return -1;
}

static int add_events(struct agent *agent, struct pim_error *error)
{
	const uint64_t watchdog_us = pim_notify_watchdog_us() / 2;
	const struct timeval watchdog = { watchdog_us / 1000000, watchdog_us % 1000000 };
	struct event_base *base = agent->base;

	agent->files_event = event_new(base, pim_watch_descriptor(agent->watch),
				       EV_READ | EV_PERSIST, on_files, agent);
	agent->files_timer = evtimer_new(base, on_files_settled, agent);
	agent->links_event = event_new(base, agent->links, EV_READ | EV_PERSIST, on_links, agent);
	agent->links_timer = evtimer_new(base, on_links_pause, agent);
	agent->look_timer = event_new(base, -1, EV_PERSIST, on_look, agent);
	agent->hangup = evsignal_new(base, SIGHUP, on_hangup, agent);
	agent->terminate = evsignal_new(base, SIGTERM, on_stop, agent);
	agent->interrupt = evsignal_new(base, SIGINT, on_stop, agent);
	agent->watchdog = event_new(base, -1, EV_PERSIST, on_watchdog, agent);
	if (!agent->files_event || !agent->files_timer || !agent->links_event ||
	    !agent->links_timer || !agent->look_timer || !agent->hangup || !agent->terminate ||
	    !agent->interrupt || !agent->watchdog || event_add(agent->files_event, NULL) ||
	    event_add(agent->links_event, NULL) || event_add(agent->look_timer, &look_time) ||
	    event_add(agent->hangup, NULL) || event_add(agent->terminate, NULL) ||
	    event_add(agent->interrupt, NULL) ||
	    (watchdog_us && event_add(agent->watchdog, &watchdog)))
		return pim_fail(error, ENOMEM, "cannot set up the events: out of memory");
	return 0;
}

static int make_targets(struct agent *agent, const struct pim_agent_options *options,
			struct pim_error *error)
{
	agent->targets = calloc(options->pair_count, sizeof(*agent->targets));
	agent->collects = calloc(options->pair_count, sizeof(*agent->collects));
	if (!agent->targets || !agent->collects)
		return pim_out_of_memory(error);
	for (size_t i = 0; i < options->pair_count; i++) {
		agent->targets[i].interface = options->pairs[i].interface;
		agent->targets[i].config = options->pairs[i].config;
		agent->targets[i].mode = options->mode;
		agent->targets[i].observe = options->observe;
		agent->targets[i].force = options->force;
		agent->targets[i].group = options->group;
		agent->targets[i].watch = agent->watch;
		agent->targets[i].state_folder = options->state;
		agent->targets[i].shrink_percent = options->shrink_percent;
		agent->collects[i].interface = options->pairs[i].interface;
		agent->collects[i].agent = &agent->targets[i].counts;
	}
	agent->count = options->pair_count;
	return 0;
}

/* Everything that can fail before an interface is touched. */
static int prepare(struct agent *agent, const struct pim_agent_options *options,
		   struct pim_error *error)
{
	int result = pim_confine(options->group != PIM_NO_GROUP, error);

	/* Or it would wait for ever for an interface that cannot be. */
	for (size_t i = 0; !result && i < options->pair_count; i++)
		result = pim_interface_name_check(options->pairs[i].interface, error);
	if (!result)
		result = pim_watch_new(&agent->watch, error);
	if (!result)
		result = make_targets(agent, options, error);
	for (size_t i = 0; !result && i < agent->count; i++)
		result = pim_target_prepare(&agent->targets[i], error);
	if (!result) {
		agent->links = open_links(error);
		agent->base = event_base_new();
		result = agent->links < 0 ? -EIO : !agent->base ? pim_out_of_memory(error) : 0;
	}
	if (!result)
		result = add_events(agent, error);
	if (!result && options->copy_flows_seconds)
		result = pim_copier_start(agent->base, agent->targets, agent->count,
					  options->copy_flows_seconds, &agent->copier, error);
	if (!result && options->metrics) {
		pim_confine_raise(); /* to give a socket file to a group */
		result = pim_server_start(agent->base, options->metrics, options->group, pages,
					  agent, &agent->server, error);
		pim_confine_lower();
	}
	return result;
}

static void detach(const struct pim_target *target)
{
	struct pim_error error = {};
	struct pim_change change;

	if (pim_detach(target->interface, false, &change, &error))
		pim_log(PIM_EVENT_DETACH_FAILED,
			json_pack("{s:o, s:o}", "interface", pim_json_text(target->interface),
				  "error", pim_json_text(error.text)));
	else
		pim_log(PIM_EVENT_DETACHED,
			json_pack("{s:o}", "interface", pim_json_text(target->interface)));
}

/* All or nothing: if one fails, those that were attached before it are detached again. */
static int attach_all(struct agent *agent, struct pim_error *error)
{
	for (size_t i = 0; i < agent->count; i++) {
		struct pim_target *target = &agent->targets[i];

		pim_target_start(target);
		if (target->state == PIM_TARGET_ATTACHED || target->state == PIM_TARGET_WAITING)
			continue;
		pim_fail(error, EIO, "%s", target->problem);
		while (i-- > 0)
			if (agent->targets[i].is_new)
				detach(&agent->targets[i]);
		return -EIO;
	}
	return 0;
}

static void free_agent(struct agent *agent)
{
	struct event *events[] = { agent->files_event, agent->files_timer, agent->links_event,
				   agent->links_timer, agent->look_timer,  agent->hangup,
				   agent->terminate,   agent->interrupt,   agent->watchdog };

	pim_server_free(agent->server);
	pim_copier_free(agent->copier);
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i])
			event_free(events[i]);
	if (agent->base)
		event_base_free(agent->base);
	if (agent->links >= 0)
		close(agent->links);
	for (size_t i = 0; i < agent->count; i++)
		pim_target_free(&agent->targets[i]);
	free(agent->targets);
	free(agent->collects);
	pim_watch_free(agent->watch);
}

enum pim_exit pim_agent_run(const struct pim_agent_options *options)
{
	struct agent agent = { .links = -1, .metrics.start_ns = pim_realtime_ns() };
	struct pim_error error = {};
	int result;

	pim_log_start(options->log_format);
	signal(SIGPIPE, SIG_IGN);
	result = prepare(&agent, options, &error);
	if (!result) {
		/* clang-format off */
		pim_log(PIM_EVENT_STARTED, json_pack("{s:s, s:I, s:o}", "version", PIM_VERSION,
			"interfaces", (json_int_t)agent.count,
			"metrics", pim_json_text(options->metrics ? options->metrics : "off")));
		/* clang-format on */
		result = attach_all(&agent, &error);
	}
	if (!result) {
		notify_status(&agent, "READY=1\n");
		if (event_base_dispatch(agent.base) < 0)
			result = pim_fail(&error, EIO, "the event loop failed");
		pim_notify("STOPPING=1");
		for (size_t i = 0; options->detach_on_exit && i < agent.count; i++)
			if (agent.targets[i].state == PIM_TARGET_ATTACHED)
				detach(&agent.targets[i]);
		pim_log(PIM_EVENT_STOPPED,
			json_pack("{s:b}", "filter_stays", !options->detach_on_exit));
	}
	if (result)
		pim_log(PIM_EVENT_FAILED, json_pack("{s:o}", "error", pim_json_text(error.text)));
	free_agent(&agent);
	return !result			    ? PIM_EXIT_DONE :
	       error.kind == PIM_EXIT_USAGE ? PIM_EXIT_USAGE :
					      PIM_EXIT_FAILED;
}
