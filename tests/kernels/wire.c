/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wire FROM TO CAPTURE: sends the frames of a capture into one end of a wire and
 * says which of them arrive at the other. FROM and TO are NAMESPACE:INTERFACE.
 *
 * Prints "pass" or "drop", a line a frame, in their order; then, on stderr, how
 * many ARP frames of its own it sent along, and their bytes. An ARP frame passes
 * every filter: when it arrives, those before it have been judged. Frames are
 * recognised by their source MAC address, which no step of the classification looks
 * at; bytes missing from the capture are sent as zeros, as replay judges them.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "capture/capture.h"

enum {
	BATCH = 64,	     /* frames between two marks: they fit in a socket's buffer */
	NAPI_BUDGET = 64,    /* frames that a driver hands on in one poll */
	LONGEST = 65536,     /* bytes of a frame */
	PATIENCE_MS = 20000, /* for a frame that must arrive */
	MARK_BYTES = 60,
};

/* Our source addresses are locally administered: these bytes and a number. */
static const uint8_t ours[] = { 0x0e, 0x70 };
#define MARK 0x80000000u /* set in the number of a mark; clear in that of a frame of the capture */

struct wire {
	int sender, receiver;
	uint8_t destination[ETH_ALEN];
	uint32_t sent, marks;
	bool *arrived; /* of those sent */
};

static int open_end(const char *place)
{
	char path[PATH_MAX], interface[IFNAMSIZ];
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int namespace, raw;

	if (sscanf(place, "%*[^:]:%15s", interface) != 1)
		errx(2, "expected NAMESPACE:INTERFACE, found %s", place);
	snprintf(path, sizeof(path), "/run/netns/%.*s", (int)strcspn(place, ":"), place);
	namespace = open(path, O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(namespace, CLONE_NEWNET))
		err(1, "%s", path);
	close(namespace);
	raw = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	address.sll_ifindex = if_nametoindex(interface);
	if (raw < 0 || !address.sll_ifindex ||
	    bind(raw, (struct sockaddr *)&address, sizeof(address)))
		err(1, "%s", place);
	return raw;
}

static void open_wire(struct wire *wire, const char *from, const char *to)
{
	struct sockaddr_ll address;
	socklen_t length = sizeof(address);
	const int room_bytes = 4 * BATCH * LONGEST;

	wire->receiver = open_end(to);
	if (setsockopt(wire->receiver, SOL_SOCKET, SO_RCVBUFFORCE, &room_bytes,
		       sizeof(room_bytes)) ||
	    getsockname(wire->receiver, (struct sockaddr *)&address, &length))
		err(1, "%s", to);
	memcpy(wire->destination, address.sll_addr, sizeof(wire->destination));
	wire->sender = open_end(from);
}

/* Sends the frame with its addresses replaced. */
static void send_numbered(const struct wire *wire, uint32_t number, uint8_t *frame, size_t bytes)
{
	const uint32_t number_be = htonl(number);

	memcpy(frame, wire->destination, ETH_ALEN);
	memcpy(frame + ETH_ALEN, ours, sizeof(ours));
	memcpy(frame + ETH_ALEN + sizeof(ours), &number_be, sizeof(number_be));
	if (send(wire->sender, frame, bytes, 0) != (ssize_t)bytes)
		err(1, "cannot send a frame of %zu bytes", bytes);
}

static void send_mark(struct wire *wire)
{
	uint8_t frame[MARK_BYTES] = { [12] = ETH_P_ARP >> 8, ETH_P_ARP & 0xff };

	send_numbered(wire, MARK | wire->marks++, frame, sizeof(frame));
}

/* Notes what arrives, until the last mark sent has arrived. */
static void await_mark(struct wire *wire)
{
	static uint8_t frame[LONGEST];
	struct pollfd ready = { .fd = wire->receiver, .events = POLLIN };
	uint32_t number = 0;

	while (number != (MARK | (wire->marks - 1))) {
		if (poll(&ready, 1, PATIENCE_MS) != 1)
			errx(1, "mark %u, after %u frames, did not arrive", wire->marks,
			     wire->sent);
		if (recv(wire->receiver, frame, sizeof(frame), 0) < ETH_HLEN ||
		    memcmp(frame + ETH_ALEN, ours, sizeof(ours)))
			continue;
		memcpy(&number, frame + ETH_ALEN + sizeof(ours), sizeof(number));
		number = ntohl(number);
		if (number & MARK)
			continue;
		if (number >= wire->sent || wire->arrived[number])
			errx(1, "frame %u arrived twice", number + 1);
		wire->arrived[number] = true;
	}
}

static void send_frame(struct wire *wire, const struct pim_frame *frame)
{
	static uint8_t bytes[LONGEST];

	if (frame->original_bytes < ETH_HLEN || frame->original_bytes > LONGEST)
		errx(1, "expected a frame of %d to %d bytes, found %u", ETH_HLEN, LONGEST,
		     frame->original_bytes);
	memset(bytes, 0, frame->original_bytes);
	memcpy(bytes, frame->bytes, frame->captured_bytes);
	wire->arrived = realloc(wire->arrived, wire->sent + 1);
	if (!wire->arrived)
		err(1, "frame %u", wire->sent + 1);
	wire->arrived[wire->sent] = false;
	send_numbered(wire, wire->sent++, bytes, frame->original_bytes);
	if (wire->sent % BATCH == 0) {
		send_mark(wire);
		await_mark(wire);
	}
}

/* Without a filter, each CPU has a queue of its own for what it received. */
static void stay_on_this_cpu(void)
{
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu))
		err(1, "cannot stay on one CPU");
}

int main(int argc, char **argv)
{
	struct pim_capture *capture;
	struct pim_error error = {};
	struct pim_frame frame;
	struct wire wire = {};
	int more;

	if (argc != 4)
		errx(2, "expected FROM TO CAPTURE");
	if (pim_capture_open(argv[3], &capture, &error))
		errx(1, "%s", error.text);
	open_wire(&wire, argv[1], argv[2]);
	stay_on_this_cpu();
	while ((more = pim_capture_next(capture, &frame, &error)) > 0)
		send_frame(&wire, &frame);
	if (more < 0)
		errx(1, "%s", error.text);
	pim_capture_close(capture);
	/* GRO holds TCP back, so that a mark may overtake it, but not by more than one
	 * poll of the driver. */
	for (int i = 0; i <= NAPI_BUDGET; i++)
		send_mark(&wire);
	await_mark(&wire);
	for (uint32_t i = 0; i < wire.sent; i++)
		puts(wire.arrived[i] ? "pass" : "drop");
	fprintf(stderr, "%u %u\n", wire.marks, wire.marks * MARK_BYTES);
	free(wire.arrived);
	return 0;
}
