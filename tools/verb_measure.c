/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* pvhload measure: digests of what a guest is started with, file by file and region by region. */
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "measuring.h"
#include "records.h"
#include "verbs.h"

#define HEX_SIZE       (2 * SHA384_SIZE + 1)
#define TABLE_HEX_SIZE (2 * PVHLOAD_KERNEL_HASHES_SIZE + 1)
#define TABLE_LINE     64 /* digits in a line of text */

/* What is printed of one thing. */
struct row {
	const char *name; /* of a region */
	uint64_t gpa;     /* likewise */
	uint64_t size;
	char sha256[HEX_SIZE], sha384[HEX_SIZE];
};

struct report {
	struct row kernel, initrd, cmdline;
	struct row *regions;
	size_t region_count;
	char hashes[TABLE_HEX_SIZE];
};

static const void *sha256_of(const void *record)
{
	return ((const struct row *)record)->sha256;
}

static const void *sha384_of(const void *record)
{
	return ((const struct row *)record)->sha384;
}

static const void *region_of(const void *record, size_t i)
{
	const struct report *report = record;

	return i < report->region_count ? &report->regions[i] : NULL;
}

static const void *hashes_of(const void *record)
{
	return ((const struct report *)record)->hashes;
}

static void print_hashes(const void *record)
{
	const char *hex = hashes_of(record);

	printf("table of kernel hashes, %u bytes:\n", PVHLOAD_KERNEL_HASHES_SIZE);
	for (size_t at = 0; at < TABLE_HEX_SIZE - 1; at += TABLE_LINE)
		printf("  %.*s\n", TABLE_LINE, hex + at);
}

#define ROW(member)    AT_MEMBER(struct row, member)
#define REPORT(member) AT_MEMBER(struct report, member)
static const struct field file_fields[] = {
	{ "size", FIELD_DEC, ROW(size) },
	{ "sha256", FIELD_WORDS, .get = sha256_of },
	{ "sha384", FIELD_WORDS, .get = sha384_of },
};
static const struct record file_record = { RECORD_FIELDS(file_fields) };

static const struct field region_fields[] = {
	{ "name", FIELD_WORDS, ROW(name) },
	{ "gpa", FIELD_HEX10, ROW(gpa) },
	{ "size", FIELD_DEC, ROW(size) },
	{ "sha256", FIELD_WORDS, .get = sha256_of },
	{ "sha384", FIELD_WORDS, .get = sha384_of },
};
static const struct field_line region_lines[] = {
	{ .text = "  {gpa} {name}, {size} bytes{size~}\n"
		  "    sha256 {sha256}\n"
		  "    sha384 {sha384}\n" },
};
static const struct record region_record = { RECORD_FIELDS(region_fields),
					     RECORD_LINES(region_lines) };

static const struct field report_fields[] = {
	{ "kernel", FIELD_OBJECT, REPORT(kernel), .of = &file_record },
	{ "initrd", FIELD_OBJECT, REPORT(initrd), .of = &file_record },
	{ "cmdline", FIELD_OBJECT, REPORT(cmdline), .of = &file_record },
	{ "regions", FIELD_LIST, .item = region_of, .of = &region_record },
	{ "kernel_hashes", FIELD_WORDS, .get = hashes_of },
};
static const struct field_line report_lines[] = {
	{ .text = "kernel, {kernel.size} bytes{kernel.size~} of file\n"
		  "  sha256 {kernel.sha256}\n"
		  "  sha384 {kernel.sha384}\n"
		  "initrd, {initrd.size} bytes{initrd.size~}\n"
		  "  sha256 {initrd.sha256}\n"
		  "  sha384 {initrd.sha384}\n"
		  "command line, {cmdline.size} bytes with its NUL\n"
		  "  sha256 {cmdline.sha256}\n"
		  "  sha384 {cmdline.sha384}\n"
		  "regions:\n" },
	{ .list = "regions" },
	{ .print = print_hashes },
};
static const struct record report_record = { RECORD_FIELDS(report_fields),
					     RECORD_LINES(report_lines) };

/* Two digits for each byte, and a NUL. */
static void hex(const uint8_t *bytes, size_t size, char *ret)
{
	for (size_t i = 0; i < size; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

static void fill(struct row *row, const struct measured *measured)
{
	row->size = measured->size;
	hex(measured->digests.sha256, PVHLOAD_SHA256_SIZE, row->sha256);
	hex(measured->digests.sha384, SHA384_SIZE, row->sha384);
}

static int measure_regions(const struct session *s, struct report *report)
{
	const struct pvhload_plan_info *info = pvhload_plan_get_info(s->plan);
	struct measured measured;

	report->regions = calloc(info->region_count, sizeof(*report->regions));
	if (!report->regions)
		return tool_fail(s->options->kernel, "no memory");
	report->region_count = info->region_count;
	for (size_t i = 0; i < info->region_count; i++) {
		TOOL_TRY(measure_region(s, i, &measured));
		report->regions[i].name = info->regions[i]->name;
		report->regions[i].gpa = info->regions[i]->gpa;
		fill(&report->regions[i], &measured);
	}
	return TOOL_DONE;
}

static int measure_all(const struct session *s, struct report *report)
{
	uint8_t hashes[PVHLOAD_KERNEL_HASHES_SIZE];
	struct measured measured;

	TOOL_TRY(measure_kernel(s, &measured));
	fill(&report->kernel, &measured);
	TOOL_TRY(measure_initrd(s, &measured));
	fill(&report->initrd, &measured);
	TOOL_TRY(measure_cmdline(s, &measured));
	fill(&report->cmdline, &measured);
	TOOL_TRY(measure_hashes(s, hashes));
	hex(hashes, sizeof(hashes), report->hashes);
	return measure_regions(s, report);
}

static int measure(const struct session *s, bool json)
{
	struct report report = { .regions = NULL };
	int result = measure_all(s, &report);

	if (result == TOOL_DONE && json)
		(void)json_print(record_json(&report_record, &report), stdout);
	else if (result == TOOL_DONE)
		record_print(&report_record, &report);
	free(report.regions);
	return result == TOOL_DONE ? tool_finish_output() : result;
}

int verb_measure(const struct options *options)
{
	struct progress progress = { .on = false };
	struct session session;
	int result;

	result = session_open(&session, options, &progress);
	if (result == TOOL_DONE)
		result = measure(&session, options->json);
	session_close(&session);
	return result;
}
