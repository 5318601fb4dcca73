/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE 0x01 /* Ctrl-A; then x ends, and Ctrl-A again is one Ctrl-A for the guest */

/*
 * Bytes on their way.  Where writing could block, no more is written at once than a pipe or terminal
 * that polls as writable takes: a reader that has stopped must not stop us.
 */
#define QUEUE_SIZE 2048u
#define WRITE_MAX  512u
struct queue {
	char bytes[QUEUE_SIZE];
	size_t size;
};

struct console {
	struct vmm *vmm;
	struct progress *progress;
	const char *hint; /* or NULL, also once it is printed */
	struct queue to_user;
	struct queue to_guest;
	bool guest_open;
	bool user_open;
	bool monitor_open;
	bool escaping;
	bool any;
};

/* The terminal as it was, for exit() as well as for us. */
static struct termios saved;
static bool is_raw;

static void restore_terminal(void)
{
	if (is_raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	is_raw = false;
}

static void make_raw(void)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0)
		return;
	if (isatty(STDERR_FILENO))
		fputs("Ctrl-A x ends the guest\r\n", stderr);
	raw = saved;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST; /* our own messages end lines as usual */
	is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
	(void)atexit(restore_terminal);
}

/* False if nobody takes what is written there any more. */
static bool drain(struct queue *queue, int fd)
{
	const size_t most = queue->size < WRITE_MAX ? queue->size : WRITE_MAX;
	ssize_t n = write(fd, queue->bytes, most);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	queue->size -= (size_t)n;
	memmove(queue->bytes, queue->bytes + n, queue->size);
	return true;
}

static void hear_guest(struct console *c)
{
	ssize_t n = read(c->vmm->from_guest, c->to_user.bytes, QUEUE_SIZE);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		c->guest_open = false;
		return;
	}
	if (!c->any)
		progress_step(c->progress, "first output", "of the guest");
	c->any = true;
	c->hint = NULL;
	c->to_user.size = (size_t)n;
}

/* Queue what was typed; false when the user asked to end. */
static bool hear_user(struct console *c)
{
	char bytes[QUEUE_SIZE];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0) {
		c->user_open = false;
		return true;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (is_raw && c->escaping) {
			c->escaping = false;
			if (bytes[i] == 'x' || bytes[i] == 'X')
				return false;
		} else if (is_raw && bytes[i] == ESCAPE) {
			c->escaping = true;
			continue;
		}
		c->to_guest.bytes[c->to_guest.size++] = bytes[i];
	}
	return true;
}

static uint64_t elapsed_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((long long)(now.tv_sec - start->tv_sec) * 1000 +
			  (now.tv_nsec - start->tv_nsec) / 1000000);
}

/* Milliseconds from @elapsed to @end seconds, for poll(), which takes no more than that. */
static int time_left(uint64_t elapsed, unsigned int end)
{
	const uint64_t ms = (uint64_t)end * 1000;

	return elapsed >= ms ? 0 : ms - elapsed > 1000000 ? 1000000 : (int)(ms - elapsed);
}

/* How long to wait: until the timeout, or the hint if it is due before; -1 for ever. */
static int wait_for(const struct console *c, uint64_t elapsed, unsigned int timeout)
{
	const int end = timeout > 0 ? time_left(elapsed, timeout) : -1;
	const int hint = c->hint ? time_left(elapsed, CONSOLE_HINT_AFTER) : -1;

	return hint >= 0 && (end < 0 || hint < end) ? hint : end;
}

static void give_hint(struct console *c, uint64_t elapsed)
{
	if (!c->hint || time_left(elapsed, CONSOLE_HINT_AFTER) > 0)
		return;
	fprintf(stderr, "%s\r\n", c->hint);
	c->hint = NULL;
}

/* Do what poll() says can be done; false with *@end set when that was the end. */
static bool serve(struct console *c, const struct pollfd *fds, enum console_end *end)
{
	*end = CONSOLE_SIGNAL;
	if (fds[0].revents)
		return false;
	*end = CONSOLE_ESCAPED;
	if (fds[1].revents)
		hear_guest(c);
	if (fds[2].revents && !drain(&c->to_user, STDOUT_FILENO))
		return false;
	if (fds[3].revents && !hear_user(c))
		return false;
	if (fds[4].revents && !drain(&c->to_guest, c->vmm->to_guest)) {
		/* The guest is ending; its last words are still to come. */
		c->to_guest.size = 0;
		c->user_open = false;
	}
	if (fds[5].revents)
		c->monitor_open = qemu_monitor_hear(&c->vmm->monitor);
	*end = CONSOLE_GUEST_ENDED;
	return c->guest_open || c->to_user.size > 0;
}

static enum console_end pump(struct console *c, const struct signals *signals, unsigned int timeout,
			     const struct timespec *start)
{
	enum console_end end = CONSOLE_TIMEOUT;

	for (;;) {
		const bool hears_guest = c->guest_open && c->to_user.size == 0;
		const bool hears_user = c->user_open && c->to_guest.size == 0;
		struct pollfd fds[] = {
			{ signals->fd, POLLIN, 0 },
			{ hears_guest ? c->vmm->from_guest : -1, POLLIN, 0 },
			{ c->to_user.size > 0 ? STDOUT_FILENO : -1, POLLOUT, 0 },
			{ hears_user ? STDIN_FILENO : -1, POLLIN, 0 },
			{ c->to_guest.size > 0 ? c->vmm->to_guest : -1, POLLOUT, 0 },
			{ c->monitor_open ? c->vmm->monitor.fd : -1, POLLIN, 0 },
		};
		const uint64_t elapsed = elapsed_since(start);
		int n;

		if (timeout > 0 && time_left(elapsed, timeout) == 0)
			return CONSOLE_TIMEOUT;
		give_hint(c, elapsed);
		n = poll(fds, sizeof(fds) / sizeof(fds[0]), wait_for(c, elapsed, timeout));
		if (n < 0 && errno != EINTR)
			return CONSOLE_ESCAPED;
		if (n > 0 && !serve(c, fds, &end))
			return end;
	}
}

enum console_end console_run(struct vmm *vmm, const struct signals *signals,
			     const struct console_watch *watch, struct progress *progress,
			     struct console_report *ret)
{
	static struct console console; /* large for a stack */
	struct timespec start;
	enum console_end end;

	console = (struct console){
		.vmm = vmm,
		.progress = progress,
		.hint = watch->hint,
		.guest_open = true,
		.user_open = true,
		.monitor_open = vmm->monitor.fd >= 0,
	};
	(void)fcntl(vmm->to_guest, F_SETFL, O_NONBLOCK);
	clock_gettime(CLOCK_MONOTONIC, &start);
	make_raw();
	end = pump(&console, signals, watch->timeout, &start);
	restore_terminal();
	*ret = (struct console_report){ .any = console.any, .elapsed = elapsed_since(&start) };
	return end;
}
