/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * An init that says what Linux made of the command line: its arguments, its environment, /proc/cmdline,
 * and one parameter of a module.  It writes to the serial port by its number, whatever the consoles
 * are.  All texts are in hexadecimal.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#define TTY_MAJOR 4
#define TTY_S0    64

static void say(FILE *out, const char *what, const char *text, size_t length)
{
	fprintf(out, "@%s ", what);
	for (size_t i = 0; i < length; i++)
		fprintf(out, "%02x", (unsigned char)text[i]);
	fprintf(out, "\n");
}

static void say_text(FILE *out, const char *what, const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	say(out, what, text, length);
}

static void say_file(FILE *out, const char *what, const char *path)
{
	char bytes[8192];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, bytes, sizeof(bytes));

	say(out, what, bytes, n > 0 ? (size_t)n : 0);
	close(fd);
}

int main(int argc, char **argv, char **envp)
{
	FILE *out;

	(void)argc;
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mknod("/serial", S_IFCHR | 0600, makedev(TTY_MAJOR, TTY_S0));
	out = fopen("/serial", "w");
	if (!out)
		reboot(RB_AUTOBOOT);
	fprintf(out, "\n");
	for (; *argv; argv++)
		say_text(out, "argv", *argv);
	for (; *envp; envp++)
		say_text(out, "env", *envp);
	say_file(out, "cmdline", "/proc/cmdline");
	say_file(out, "dump", "/sys/module/printk/parameters/always_kmsg_dump");
	fprintf(out, "@done\n");
	fflush(out);
	tcdrain(fileno(out));
	reboot(RB_AUTOBOOT);
	return 1;
}
