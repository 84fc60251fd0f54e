/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/input.h"
#include "cli/say.h"
#include "control/replay.h"
#include "output/replay.h"

struct progress {
	const struct pim_arguments *arguments;
	uint64_t start_ns; /* pim_monotonic_ns() */
	double shown_s;	   /* when the bar was last drawn, since start; 0: never */
};

static void show_packet(const struct pim_replayed *packet, void *context)
{
	const struct progress *progress = context;

	pim_output_packet_json(stdout, progress->arguments->pretty, packet);
}

/* Only after the first second, then at most five times a second. */
static void show_progress(uint64_t packets, uint64_t done_bytes, uint64_t size_bytes, void *context)
{
	static const char bar[] = "########################################";
	struct progress *progress = context;
	double now_s = (pim_monotonic_ns() - progress->start_ns) / 1e9;
	char count[PIM_GROUPED];

	if (now_s < 1 || now_s - progress->shown_s < 0.2)
		return;
	progress->shown_s = now_s;
	if (size_bytes) {
		double part = (double)done_bytes / size_bytes;

		fprintf(stderr, "\r[%-40.*s] %3.0f %%  %s packets ", (int)(40 * part), bar,
			100 * part, pim_grouped(packets, count));
	} else {
		fprintf(stderr, "\r%s packets ", pim_grouped(packets, count));
	}
}

static void clear_progress(const struct progress *progress)
{
	if (progress->shown_s)
		fprintf(stderr, "\r%79s\r", "");
}

static enum pim_exit replay(const struct pim_arguments *arguments)
{
	struct progress progress = { .arguments = arguments };
	struct pim_replay_watch watch = { .context = &progress };
	struct pim_replay_report report = {};
	struct pim_capture *capture = NULL;
	struct pim_filter *filter = NULL;
	struct pim_image image = {};
	struct pim_error error = {};
	struct pim_policy policy;
	enum pim_exit status;
	int result;

	if (pim_load_policy(arguments->config, &policy, &status))
		return status;
	result = pim_capture_open(arguments->operand, &capture, &error);
	if (!result)
		result = pim_compile(&policy, NULL, &image, &error);
	if (!result)
		result = pim_filter_load(&image, NULL, PIM_LOAD_TRACE, &filter, &error);
	if (!result) {
		if (arguments->json)
			watch.packet = show_packet;
		if (isatty(STDERR_FILENO))
			watch.progress = show_progress;
		progress.start_ns = pim_monotonic_ns();
		result = pim_replay(capture, filter, &image, &watch, &report, &error);
		clear_progress(&progress);
		if (report.padded) {
			char count[PIM_GROUPED];

			pim_say("%s: %s packet%s cut short when captured: padded with zeros to the "
				"length on the wire",
				pim_capture_name(capture), pim_grouped(report.padded, count),
				report.padded == 1 ? " was" : "s were");
		}
		if (!result && *report.cut_short.text) {
			char count[PIM_GROUPED];

			pim_say("warning: %s: the %s packet%s before it %s replayed",
				report.cut_short.text, pim_grouped(report.seen.packets, count),
				report.seen.packets == 1 ? "" : "s",
				report.seen.packets == 1 ? "was" : "were");
			if (arguments->json)
				pim_output_cut_short_json(stdout, arguments->pretty, &report);
		}
		if (!result && !arguments->json)
			pim_output_replay_text(stdout, &report);
	}
	pim_replay_report_free(&report);
	pim_filter_free(filter);
	pim_image_free(&image);
	pim_capture_close(capture);
	pim_policy_free(&policy);
	return result ? pim_give_up(&error) : PIM_EXIT_DONE;
}

const struct pim_verb pim_verb_replay = {
	.name = "replay",
	.operand = "CAPTURE",
	.takes = PIM_TAKES(CONFIG) | PIM_TAKES(JSON) | PIM_TAKES(PRETTY),
	.needs = PIM_TAKES(CONFIG),
	.summary = "run a capture through the real program",
	.description =
		"Judges every packet of a pcap or pcapng file (\"-\": standard input) in the kernel,\n"
		"with the configuration given, as enforce mode would. Touches no interface and no\n"
		"pin. A capture that ends within a record is replayed up to there, with a warning.\n"
		"With --json a line a packet. Needs the privileges of attach.\n",
	.run = replay,
};
