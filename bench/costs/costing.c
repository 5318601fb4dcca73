/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * Prints a row for each limit, for limits.py: its name, the input, milliseconds of processor time, KiB of heap.
 *
 *     pvhload-costs RUNS [PATTERN...]
 *     pvhload-costs run COMMAND...
 *
 * The heap is counted in a first call, which is not timed; the time is the most of RUNS calls after it.  Heap is the most
 * at once, with what other libraries take, or "-" where it is not seen.  "run" prints the
 * milliseconds and the most KiB in memory of a program, whose output is dropped.
 */
#include "costs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "heap_calls.h"

static const struct cost_case *const subjects[] = { image_costs, plan_costs,      pvh_costs,
						    linux_costs, multiboot_costs, fdt_costs,
						    small_costs, guest_costs };

static double milliseconds(void)
{
	struct timespec t;

	must_hold(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0, "no clock");
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double timed(const struct cost_case *c)
{
	const double start = milliseconds();
	double took;

	c->call();
	took = milliseconds() - start;
	if (c->finish)
		c->finish();
	return took;
}

/* It takes time to count, so the same run is not timed. */
static double kib_of_heap(const struct cost_case *c)
{
	struct heap_calls heap;

	heap_calls_begin();
	c->call();
	heap = heap_calls_end();
	if (c->finish)
		c->finish();
	return (double)heap.peak / 1024;
}

static void show(const struct cost_case *c, int runs)
{
	char heap[32] = "-";
	double kib, most = 0;

	c->prepare();
	kib = kib_of_heap(c);
	for (int i = 0; i < runs; i++) {
		const double took = timed(c);

		most = took > most ? took : most;
	}
	if (heap_calls_seen())
		snprintf(heap, sizeof(heap), "%.1f", kib);
	printf("%s\t%s\t%.3f\t%s\n", c->limit, c->what, most, heap);
}

/* Whether the case could be shown. */
static bool show_apart(const struct cost_case *c, int runs)
{
	const pid_t child = fork();
	int status;

	if (child == 0) {
		show(c, runs);
		exit(0);
	}
	if (child > 0 && waitpid(child, &status, 0) == child && status == 0)
		return true;
	fprintf(stderr, "bench: %s, %s\n", c->limit, c->what);
	return false;
}

static bool is_asked_for(const struct cost_case *c, char **patterns, int count)
{
	for (int i = 0; i < count; i++)
		if (strstr(c->limit, patterns[i]))
			return true;
	return count == 0;
}

static double milliseconds_of(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Linux counts the memory of a process from before its exec() on, and so that of a large parent: this is a small one. */
static int run_command(char **command)
{
	struct rusage usage;
	const pid_t child = fork();
	int status;

	if (child == 0) {
		if (dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO) >= 0)
			execv(command[0], command);
		_exit(127);
	}
	must_hold(child > 0 && wait4(child, &status, 0, &usage) == child, "no process");
	printf("%.3f\t%ld\n", milliseconds_of(usage.ru_utime) + milliseconds_of(usage.ru_stime),
	       usage.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
	bool shown = true;

	if (argc > 2 && strcmp(argv[1], "run") == 0)
		return run_command(argv + 2);
	must_hold(argc >= 2 && atoi(argv[1]) > 0, "how many runs?");
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++)
		for (const struct cost_case *c = subjects[i]; c->limit; c++)
			if (is_asked_for(c, argv + 2, argc - 2))
				shown = show_apart(c, atoi(argv[1])) && shown;
	return shown ? 0 : 1;
}
