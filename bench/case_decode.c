/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/* Loading a compressed kernel, decoded by the host. */
#include "bench.h"

/* Once for each input. */
#define HAS_PEAK(input_kind, ram_kind) \
	((ram_kind) == RAM_HUGE && (input_kind) != INPUT_BUFFER && (input_kind) != INPUT_UNCHANGING)
#define DECODE(codec, series, file_name, from, input_kind, memory, ram_kind, most)                 \
	{                                                                                          \
		.name = "decode/" codec "/" from "/" memory, .over = "the codec's one shot",       \
		.kernel = (series), .file = (file_name), .input = (input_kind), .ram = (ram_kind), \
		.target = (most), .has_peak = HAS_PEAK(input_kind, ram_kind),                      \
		.measured = guest_load, .limit = limit_one_shot, .finish = guest_finish            \
	}
#define DICTIONARY(codec, size)                                                                    \
	{                                                                                          \
		.name = "decode/" codec "/file/huge", .over = "the codec's one shot",              \
		.kernel = "6.12", .file = "vmlinuz-" codec, .ram = RAM_HUGE, .dictionary = (size), \
		.has_peak = true, .measured = guest_load, .limit = limit_one_shot,                 \
		.finish = guest_finish                                                             \
	}
/* By plan and commit, which decode to memory of the host. */
#define PLANNED(codec, series)                                                           \
	{                                                                                \
		.name = "decode/" codec "/planned/huge", .over = "the codec's one shot", \
		.kernel = (series), .file = "vmlinuz", .ram = RAM_HUGE, .planned = true, \
		.measured = guest_load, .limit = limit_one_shot, .finish = guest_finish  \
	}
#define THREADS(from, input_kind, memory, ram_kind, most)                                      \
	{                                                                                      \
		.name = "decode/lz4/threads/" from "/" memory, .over = "the codec's one shot", \
		.kernel = "6.1", .file = "vmlinuz", .input = (input_kind), .ram = (ram_kind),  \
		.target = (most), .threads = true, .measured = guest_load,                     \
		.limit = limit_one_shot, .finish = guest_finish                                \
	}
/* Without the library: the file is mapped, decoded, and the mapping ended. */
#define BY_HAND(from, input_kind)                                                           \
	{                                                                                   \
		.name = "decode/lz4/" from "-by-hand/huge", .over = "the codec's one shot", \
		.kernel = "6.1", .file = "vmlinuz", .input = (input_kind), .ram = RAM_HUGE, \
		.measured = limit_mapped, .limit = limit_one_shot, .finish = guest_finish   \
	}
#define LZ4(...)   DECODE("lz4", "6.1", "vmlinuz", __VA_ARGS__)
#define ZSTD(...)  DECODE("zstd", "6.12", "vmlinuz", __VA_ARGS__)
#define GZIP(...)  DECODE("gzip", "6.12", "vmlinuz-gzip", __VA_ARGS__)
#define WHOLE(...) DECODE("gzip-whole", "6.12", "vmlinux.gz", __VA_ARGS__)

const struct bench_case decode_cases[] = {
	LZ4("file", INPUT_FILE, "huge", RAM_HUGE, 1.25),
	LZ4("buffer", INPUT_BUFFER, "huge", RAM_HUGE, 1.08),
	LZ4("unchanging", INPUT_UNCHANGING, "huge", RAM_HUGE, 1.08),
	LZ4("memfd", INPUT_MEMFD, "huge", RAM_HUGE, 1.08),
	LZ4("memfd-huge", INPUT_MEMFD_HUGE, "huge", RAM_HUGE, 1.08),
	BY_HAND("unchanging", INPUT_UNCHANGING),
	BY_HAND("memfd", INPUT_MEMFD),
	LZ4("file", INPUT_FILE, "fresh", RAM_FRESH, 1.16),
	ZSTD("file", INPUT_FILE, "huge", RAM_HUGE, 1.10),
	ZSTD("buffer", INPUT_BUFFER, "huge", RAM_HUGE, 1.06),
	ZSTD("unchanging", INPUT_UNCHANGING, "huge", RAM_HUGE, 1.06),
	ZSTD("memfd", INPUT_MEMFD, "huge", RAM_HUGE, 1.06),
	ZSTD("file", INPUT_FILE, "fresh", RAM_FRESH, 1.09),
	THREADS("buffer", INPUT_BUFFER, "huge", RAM_HUGE, 0.65),
	THREADS("buffer", INPUT_BUFFER, "fresh", RAM_FRESH, 0.65),
	THREADS("file", INPUT_FILE, "huge", RAM_HUGE, 0),
	PLANNED("lz4", "6.1"),
	PLANNED("zstd", "6.12"),
	GZIP("file", INPUT_FILE, "huge", RAM_HUGE, 0.50),
	WHOLE("file", INPUT_FILE, "huge", RAM_HUGE, 0.50),
	DICTIONARY("xz", 128 * MIB),
	DICTIONARY("lzma", 64 * MIB),
	{ 0 },
};
