/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void pim_notify(const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char text[1024];
	va_list arguments;
	size_t length;
	int socket_fd;

	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(address.sun_path))
		return;
	length = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	memcpy(address.sun_path, path, strlen(path));
	if (*path == '@')
		address.sun_path[0] = '\0'; /* the abstract namespace */
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (socket_fd < 0)
		return;
	(void)!sendto(socket_fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
		      length);
	close(socket_fd);
}

uint64_t pim_notify_watchdog_us(void)
{
	const char *period = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");

	if (!period || (process && strtol(process, NULL, 10) != getpid()))
		return 0;
	return strtoull(period, NULL, 10);
}
