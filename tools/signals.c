/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "signals.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tool.h"

/* All that end a program unless it catches them, but for faults and SIGKILL. */
static const int ending[] = { SIGHUP,  SIGINT,  SIGQUIT,   SIGTERM, SIGALRM, SIGUSR1,  SIGUSR2,
			      SIGPROF, SIGXCPU, SIGVTALRM, SIGIO,   SIGPWR,  SIGSTKFLT };

int signals_hold(struct signals *signals)
{
	struct sigaction action;
	sigset_t set;

	sigemptyset(&set);
	/* One that is ignored, as nohup does, must not end us: blocked, it would be queued. */
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(&set, ending[i]);
	/* A reader that goes away is an error of write(); a child's end is waited for. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)sigprocmask(SIG_BLOCK, &set, &signals->before);
	signals->fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals->fd >= 0)
		return 0;
	(void)tool_fail("signals", "%s", strerror(errno));
	(void)sigprocmask(SIG_SETMASK, &signals->before, NULL);
	return -1;
}

int signals_take(const struct signals *signals)
{
	struct signalfd_siginfo info;

	if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
		return SIGTERM;
	return (int)info.ssi_signo;
}

void signals_release(struct signals *signals)
{
	close(signals->fd);
	(void)sigprocmask(SIG_SETMASK, &signals->before, NULL);
}
