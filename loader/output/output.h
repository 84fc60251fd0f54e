/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Reports as text, JSON or metrics, on a stream. Outputs compute nothing. */
#ifndef PIMXDP_OUTPUT_H
#define PIMXDP_OUTPUT_H

#include "doctor/doctor.h"
#include "report/metrics.h"
#include "control/replay.h"
#include "report/stats.h"

enum pim_format { PIM_TEXT, PIM_JSON, PIM_JSON_PRETTY };

void pim_output_stats_text(FILE *stream, const char *interface, const struct pim_info *info,
			   const struct pim_stats_report *report);
void pim_output_stats_json(FILE *stream, bool pretty, const char *interface,
			   const struct pim_stats_report *report);

/* The first `count` flows of the report. */
void pim_output_flows_text(FILE *stream, const char *interface,
			   const struct pim_flows_report *report, size_t count);
void pim_output_flows_json(FILE *stream, bool pretty, const struct pim_flows_report *report,
			   size_t count);

void pim_output_status_text(FILE *stream, const struct pim_place *place);
void pim_output_status_json(FILE *stream, bool pretty, const struct pim_place *places,
			    size_t count);

void pim_output_policy_text(FILE *stream, const struct pim_policy *policy);
void pim_output_policy_json(FILE *stream, bool pretty, const struct pim_policy *policy);

/* What a configuration would admit, for a colleague to review. */
void pim_output_check_text(FILE *stream, const char *config, const struct pim_policy *policy);

/* What one address is. `partner`: NULL for none. `policy`: where it is listed and
 * which rows it meets, or NULL where only an attached filter was asked. */
void pim_output_lookup_text(FILE *stream, const struct pim_prefix *address, uint16_t roles,
			    const char *partner, const struct pim_policy *policy);

/* One prefix of an attached filter's lists, as a line: role, prefix, partner. */
void pim_output_address_text(FILE *stream, const struct pim_prefix *prefix, enum pim_role role,
			     const char *partner);

void pim_output_packet_json(FILE *stream, bool pretty, const struct pim_replayed *packet);
void pim_output_replay_text(FILE *stream, const struct pim_replay_report *report);

/* Both of them UTF-8 text. Counter families of OpenMetrics are named without _total. */
enum pim_metrics_format { PIM_METRICS_PROMETHEUS, PIM_METRICS_OPENMETRICS };
void pim_output_metrics(FILE *stream, enum pim_metrics_format format,
			const struct pim_metrics *metrics);

/* What an HTTP answer in that format calls itself, in Content-Type. */
const char *pim_metrics_content_type(enum pim_metrics_format format);

/* Every family that there is (metrics.def). */
void pim_output_families_text(FILE *stream);
void pim_output_families_json(FILE *stream, bool pretty);

/* The checks of each subject under its name, advice below what needs it. */
void pim_output_doctor_text(FILE *stream, const struct pim_doctor *doctor);
void pim_output_doctor_json(FILE *stream, bool pretty, const struct pim_doctor *doctor);

/* Port ranges of a row as "LOW-HIGH, PORT, ..."; ends in "..." where they do not fit. Returns text. */
#define PIM_PORTS_TEXT 128
char *pim_ports_format(const struct pim_row *row, char text[PIM_PORTS_TEXT]);

#endif
