/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "harness.h"
#include "kernel/judge.h"

#include <time.h>
#include <unistd.h>

#include "config/config.h"

/* More failures would add nothing. */
#define FAILURES_SHOWN 20
#define BYTES_SHOWN 160

static void read_policy(struct judge *judge, const char *text)
{
	char path[] = "/tmp/pimxdp-policy-XXXXXX";
	struct pim_error error = {};
	int file = mkstemp(path), result;

	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
	assert_int_equal(close(file), 0);
	result = pim_config_read(path, &judge->policy, &error);
	assert_int_equal(unlink(path), 0);
	if (result) {
		print_error("%s\n", text);
		fail_msg("%s", error.text);
	}
}

static void compile(struct judge *judge, const char *format, va_list arguments)
{
	struct pim_error error = {};
	char *text;

	*judge = (struct judge){};
	assert_true(vasprintf(&text, format, arguments) >= 0);
	read_policy(judge, text);
	free(text);
	if (pim_compile(&judge->policy, NULL, &judge->image, &error))
		fail_msg("%s", error.text);
}

void judge_compile(struct judge *judge, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	compile(judge, format, arguments);
	va_end(arguments);
}

void judge_open(struct judge *judge, const char *format, ...)
{
	struct pim_error error = {};
	va_list arguments;

	va_start(arguments, format);
	compile(judge, format, arguments);
	va_end(arguments);
	if (pim_filter_load(&judge->image, NULL, PIM_LOAD_TRACE, &judge->filter, &error))
		fail_msg("%s", error.text);
}

void judge_free(struct judge *judge)
{
	pim_filter_free(judge->filter);
	pim_image_free(&judge->image);
	pim_policy_free(&judge->policy);
}

void judge_check(struct judge *judge)
{
	unsigned int failed = judge->failed, judged = judge->judged;

	judge->failed = judge->judged = 0;
	judge->checked += judged;
	if (failed > FAILURES_SHOWN)
		print_error("... and %u more\n", failed - FAILURES_SHOWN);
	if (failed)
		fail_msg("%u of %u frames were judged wrongly", failed, judged);
	if (!judged)
		fail_msg("no frame was judged");
}

void judge_close(struct judge *judge)
{
	judge_free(judge);
	if (judge->judged || !judge->checked)
		judge_check(judge);
}

const char *judge_text(const struct judge *judge, const struct pim_decision *decision,
		       char text[JUDGE_TEXT])
{
	const struct pim_names *names = &judge->image.names;
	const char *verdict = pim_verdict_name(pim_outcome_verdict(decision->outcome));
	const char *reason = pim_outcome_reason(decision->outcome);

	if (decision->rule == PIM_NO_RULE)
		snprintf(text, JUDGE_TEXT, "%s %s", verdict, reason);
	else if (decision->rule >= names->rule_count)
		snprintf(text, JUDGE_TEXT, "%s %s (rule %u)", verdict, reason, decision->rule);
	else
		snprintf(text, JUDGE_TEXT, "%s %s %s %s", verdict, reason,
			 names->rules[decision->rule].rule,
			 pim_leg_name(names->rules[decision->rule].leg));
	return text;
}

const char *judge_partner(const struct judge *judge)
{
	assert_true(judge->decision.partner < judge->image.names.partner_count);
	return judge->image.names.partners[judge->decision.partner];
}

/* What is wrong with the decision apart from its outcome and rule, or NULL. */
static const char *contradiction(const struct judge *judge, const struct frame *frame, bool passed)
{
	const struct pim_decision *decision = &judge->decision;
	bool pass = pim_outcome_verdict(decision->outcome) == PIM_PASS;
	uint32_t source = frame->ip + (decision->family == 4 ? 12 : 8);
	size_t bytes = decision->family == 4 ? 4 : 16;

	if (passed != (pass || judge->policy.options.mode == PIM_MODE_OBSERVE))
		return passed ? "the program let it pass" : "the program dropped it";
	if (decision->length_bytes != frame->length)
		return "the decision has another length";
	switch ((enum pim_outcome)decision->outcome) {
	case PIM_DROP_VLAN_DEPTH:
	case PIM_PASS_ARP:
	case PIM_DROP_SNAP:
	case PIM_PASS_NON_IP:
	case PIM_DROP_NON_IP:
		return decision->family ? "the decision has an IP version" : NULL;
	case PIM_DROP_TRUNCATED:
	case PIM_DROP_MALFORMED:
		if (!decision->family)
			return NULL;
		break;
	default:
		break;
	}
	if (decision->family != frame->bytes[frame->ip] >> 4)
		return "the decision has another IP version";
	if (memcmp(decision->source, frame->bytes + source, bytes))
		return "the decision has another source";
	return NULL;
}

static void show(const struct frame *frame)
{
	uint32_t shown = frame->length < BYTES_SHOWN ? frame->length : BYTES_SHOWN;
	char line[80];

	print_error("  frame    %u bytes, IP at %u, transport at %u, payload at %u\n",
		    frame->length, frame->ip, frame->transport, frame->payload);
	for (uint32_t at = 0; at < shown; at += 16) {
		int used = snprintf(line, sizeof(line), "  %04x ", at);

		for (uint32_t byte = at; byte < at + 16 && byte < shown; byte++)
			used += snprintf(line + used, sizeof(line) - used, " %02x",
					 frame->bytes[byte]);
		print_error("%s\n", line);
	}
	if (shown < frame->length)
		print_error("  ...\n");
}

bool judge_expect(struct judge *judge, const struct frame *frame, const char *expected,
		  const char *description, ...)
{
	struct pim_error error = {};
	char found[JUDGE_TEXT], what[256];
	const char *wrong = NULL;
	va_list arguments;
	bool passed, same;

	judge->judged++;
	if (pim_filter_judge(judge->filter, frame->bytes, frame->length, &judge->decision, &passed,
			     &error)) {
		snprintf(found, sizeof(found), "no decision");
		wrong = error.text;
		same = false;
	} else {
		same = !strcmp(judge_text(judge, &judge->decision, found), expected);
		wrong = contradiction(judge, frame, passed);
	}
	if (same && !wrong)
		return true;
	if (judge->failed++ >= FAILURES_SHOWN)
		return false;
	va_start(arguments, description);
	vsnprintf(what, sizeof(what), description, arguments);
	va_end(arguments);
	print_error("%s\n  expected %s\n  found    %s%s%s\n", what, expected, found,
		    wrong ? "; " : "", wrong ? wrong : "");
	show(frame);
	return false;
}

void judge_cases(struct judge *judge, const struct judge_case *cases, size_t count)
{
	static struct frame frame;

	for (size_t at = 0; at < count; at++) {
		frame_build(&cases[at].recipe, &frame);
		judge_expect(judge, &frame, cases[at].expected, "%s", cases[at].description);
	}
}

uint64_t flow_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}
