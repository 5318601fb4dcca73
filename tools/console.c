/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE     0x01 /* Ctrl-A; then x ends, and Ctrl-A again is one Ctrl-A for the guest */
#define CHUNK_SIZE 4096

struct console {
	struct qemu *qemu;
	struct progress *progress;
	int signals; /* signalfd */
	bool escaping;
	bool any;
	char pending[CHUNK_SIZE]; /* for the guest, which may be slow to read */
	size_t pending_size;
	bool input_open;
};

/* The terminal as it was, for the handlers of exit() as well as for us. */
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
	raw = saved;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST; /* our own messages end lines as usual */
	is_raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
	(void)atexit(restore_terminal);
}

/* Signals that end programs come as bytes, so that the terminal is restored whatever happens. */
static int catch_signals(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, &set, old);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static bool write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

/* False when the guest has ended, or nobody hears it any more. */
static bool guest_says(struct console *c, enum console_end *end)
{
	char bytes[CHUNK_SIZE];
	ssize_t n = read(c->qemu->from_guest, bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) {
		*end = CONSOLE_GUEST_ENDED;
		return false;
	}
	if (!c->any)
		progress_step(c->progress, "first output", "of the guest");
	c->any = true;
	*end = CONSOLE_ESCAPED;
	return write_all(STDOUT_FILENO, bytes, (size_t)n);
}

/* Queue what was typed; false when the user asked to end. */
static bool user_says(struct console *c)
{
	char bytes[CHUNK_SIZE];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0) {
		c->input_open = false;
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
		c->pending[c->pending_size++] = bytes[i];
	}
	return true;
}

static void feed_guest(struct console *c)
{
	ssize_t n = write(c->qemu->to_guest, c->pending, c->pending_size);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) { /* the guest is ending; its last words are still to come */
		c->pending_size = 0;
		c->input_open = false;
		return;
	}
	for (size_t i = (size_t)n; i < c->pending_size; i++)
		c->pending[i - (size_t)n] = c->pending[i];
	c->pending_size -= (size_t)n;
}

/* Milliseconds until @deadline, at most what poll() takes; -1 for none. */
static int time_left(const struct timespec *deadline, bool has_deadline)
{
	struct timespec now;
	long long ms;

	if (!has_deadline)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (long long)(deadline->tv_sec - now.tv_sec) * 1000 +
	     (deadline->tv_nsec - now.tv_nsec) / 1000000 + 1;
	return ms < 0 ? 0 : ms > 1000000 ? 1000000 : (int)ms;
}

static enum console_end pump(struct console *c, unsigned int timeout, int *ret_signal)
{
	enum console_end end = CONSOLE_GUEST_ENDED;
	struct timespec deadline;

	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += (time_t)timeout;
	for (;;) {
		const bool reads = c->input_open && c->pending_size == 0;
		struct pollfd fds[] = {
			{ c->qemu->from_guest, POLLIN, 0 },
			{ c->signals, POLLIN, 0 },
			{ reads ? STDIN_FILENO : -1, POLLIN, 0 },
			{ c->pending_size > 0 ? c->qemu->to_guest : -1, POLLOUT, 0 },
		};
		struct signalfd_siginfo info;
		int left = time_left(&deadline, timeout > 0);
		int n = poll(fds, sizeof(fds) / sizeof(fds[0]), left);

		if (n < 0 && errno != EINTR)
			return CONSOLE_ESCAPED;
		if (fds[1].revents && read(c->signals, &info, sizeof(info)) == sizeof(info)) {
			*ret_signal = (int)info.ssi_signo;
			return CONSOLE_SIGNAL;
		}
		if (n > 0 && fds[0].revents && !guest_says(c, &end))
			return end;
		if (n > 0 && fds[2].revents && !user_says(c))
			return CONSOLE_ESCAPED;
		if (n > 0 && fds[3].revents)
			feed_guest(c);
		if (timeout > 0 && time_left(&deadline, true) == 0)
			return CONSOLE_TIMEOUT;
	}
}

enum console_end console_run(struct qemu *qemu, unsigned int timeout, struct progress *progress,
			     bool *ret_any, int *ret_signal)
{
	struct console console = { .qemu = qemu, .progress = progress, .input_open = true };
	enum console_end end;
	sigset_t old;

	console.signals = catch_signals(&old);
	(void)fcntl(qemu->to_guest, F_SETFL, O_NONBLOCK);
	make_raw();
	end = pump(&console, timeout, ret_signal);
	restore_terminal();
	if (console.signals >= 0)
		close(console.signals);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	*ret_any = console.any;
	return end;
}
