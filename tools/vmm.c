/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
#include "vmm.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Both ends of two pipes; the ends of the child's go away with exec, where they are dup'ed to 0 and 1. */
static int make_pipes(int in[2], int out[2])
{
	if (pipe2(in, O_CLOEXEC) != 0)
		return errno;
	if (pipe2(out, O_CLOEXEC) == 0)
		return 0;
	close(in[0]);
	close(in[1]);
	return errno;
}

/* In the child: @child, or the reason why not through @ready. */
static void run_child(vmm_child_fn *child, void *arg, int in, int out, int ready, pid_t parent)
{
	sigset_t none;
	int error;

	sigemptyset(&none);
	(void)signal(SIGPIPE, SIG_DFL);
	/*
	 * Its own process group, so that a Ctrl-C at the terminal is ours to handle; and it is not
	 * to outlive us, however we end: not even if we have ended before it could ask for that.
	 */
	if (setpgid(0, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    sigprocmask(SIG_SETMASK, &none, NULL) == 0 && dup2(in, STDIN_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0)
		error = child(arg, ready);
	else
		error = errno;
	_exit(write(ready, &error, sizeof(error)) == sizeof(error) ? 127 : 126);
}

/* The ends of the pipes that are the parent's are closed in the child, so that it sees the end of its input. */
static int spawn(struct vmm *vmm, vmm_child_fn *child, void *arg, const int in[2], const int out[2])
{
	const pid_t parent = getpid();
	int ready[2], error = 0;

	/* Closed by the child once all went well: then there is nothing to read. */
	if (pipe2(ready, O_CLOEXEC) != 0)
		return errno;
	vmm->pid = fork();
	if (vmm->pid == 0) {
		close(in[1]);
		close(out[0]);
		close(ready[0]);
		run_child(child, arg, in[0], out[1], ready[1], parent);
	}
	close(ready[1]);
	if (vmm->pid < 0)
		error = errno;
	else if (read(ready[0], &error, sizeof(error)) == sizeof(error))
		(void)waitpid(vmm->pid, NULL, 0);
	close(ready[0]);
	return error;
}

int vmm_spawn(struct vmm *vmm, vmm_child_fn *child, void *arg)
{
	int in[2], out[2], error;

	error = make_pipes(in, out);
	if (error != 0)
		return error;
	error = spawn(vmm, child, arg, in, out);
	close(in[0]);
	close(out[1]);
	vmm->to_guest = in[1];
	vmm->from_guest = out[0];
	if (error != 0) {
		close(in[1]);
		close(out[0]);
	}
	return error;
}

enum vmm_end vmm_finish(struct vmm *vmm, bool kill_it)
{
	enum vmm_end end;
	int status = 0;

	if (kill_it)
		(void)kill(vmm->pid, SIGKILL);
	while (waitpid(vmm->pid, &status, 0) < 0)
		if (errno != EINTR) {
			status = -1; /* nobody knows: no success */
			break;
		}
	end = vmm->ended(vmm, status);
	if (vmm->to_guest >= 0)
		close(vmm->to_guest);
	close(vmm->from_guest);
	return end;
}
