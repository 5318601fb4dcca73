/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What a case is, and what cases share.  A case is measured beside its limit: the least work that does the same job, such
 * as pread() of the same bytes.  Both run in turn, in memory of the same kind, and only their ratio is a result.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pvhload/pvhload.h>

#define MIB UINT64_C(0x100000)

/* Guest RAM is mapped anew for each run, but for warm memory, which has been touched before. */
enum ram_kind {
	RAM_WARM,  /* anonymous, every page that is used is there */
	RAM_FRESH, /* anonymous, 4 KiB pages */
	RAM_HUGE,  /* anonymous, madvise(MADV_HUGEPAGE) */
	RAM_MEMFD, /* a memfd, shared */
};

struct ram {
	enum ram_kind kind;
	uint8_t *host; /* RAM_SIZE bytes, a multiple of 2 MiB; NULL: not mapped */
	void *mapping; /* what munmap() takes */
	size_t mapped;
	uint64_t
		used; /* cases write below this: so much of warm memory is touched, and so much is recycled */
};

#define RAM_SIZE (1024 * MIB)

/* Where the library reads the kernel from. */
enum input_kind {
	INPUT_FILE,
	INPUT_UNCHANGING, /* a file of which the caller says that nobody changes it */
	INPUT_BUFFER,     /* a copy in anonymous memory */
	INPUT_MEMFD,      /* a sealed memfd, which the library may map */
	INPUT_MEMFD_HUGE, /* the same, in huge pages */
};

struct input {
	int fd; /* the file, open */
	const uint8_t *bytes;
	size_t size;
};

struct bench;

struct bench_case {
	const char *name;   /* subject/what/input/memory */
	const char *over;   /* the limit, in words */
	const char *kernel; /* folder in the folder of kernels */
	const char *file;   /* in it */
	uint64_t
		dictionary; /* bytes that the codec keeps of what it has decoded; 0: none, or a window of some KiB */
	const char *needs; /* a symbol of the library; NULL: none but those of 0.3's first build */
	double target;     /* most that wall time of case / limit should be; 0: none */
	enum input_kind input;
	enum ram_kind ram;
	bool limit_fresh;                 /* its limit is in fresh RAM, whatever @ram is */
	uint32_t slot_flags;              /* PVHLOAD_RAM_SLOT_* and */
	uint32_t memory_flags;            /* PVHLOAD_MEMORY_*, besides that fresh RAM is zero */
	bool threads;                     /* two decode */
	bool planned;                     /* by two calls, plan and commit */
	bool has_pss;                     /* so is what its guest takes when there are two */
	bool has_peak;                    /* its peak of memory is a case too */
	int (*measured)(struct bench *b); /* what is timed; 0 or -1 */
	int (*limit)(struct bench *b);    /* likewise */
	void (*finish)(struct bench *b);  /* after either, not timed unless asked for */
	int (*prepare)(struct bench *b);  /* once, before the first round; may be NULL */
};

/* The kernel as it is once it is decoded: what the guest's memory is held against. */
struct reference {
	struct input file;
	struct pvhload_image *image;
	const struct pvhload_image_elf *elf;
};

/* What a case has while it runs. */
struct bench {
	const struct bench_case *c;
	struct ram ram;
	struct input input;
	struct reference reference;
	const struct pvhload_image_part
		*payload;           /* of the input; NULL: not compressed, or as a whole */
	struct pvhload_image *kept; /* of cases that keep an image from one run to the next */
	struct pvhload_image *image;
	struct pvhload_plan *plan;
	struct pvhload_error err;
};

/* By subject, each ending with one without a name. */
extern const struct bench_case load_cases[], decode_cases[], map_cases[], share_cases[];

/* memory.c */
int ram_prepare(struct ram *ram);
void ram_drop(struct ram *ram);
uint64_t ram_bytes(const struct ram *ram,
		   const char *what); /* of it, as a line of /proc/self/smaps counts them */

/* kernels.c: these say on standard error what went wrong, and return 0 or -1. */
int input_open(struct input *in, const char *path, enum input_kind kind);
int reference_open(struct reference *ref, const char *path);
int reference_check(const struct reference *ref, const uint8_t *ram);
int input_find_payload(struct bench *b, const char *path);

/* peak.c */
uint64_t peak_start(void); /* what is resident now, from which on the peak is counted */
uint64_t peak_bytes(void);

/* limit.c */
int limit_pread(struct bench *b);
int limit_one_shot(struct bench *b);
int limit_mapped(struct bench *b); /* the same, of a mapping that it makes, and ends */
int limit_check_one_shot(const struct bench *b);

/* two_threads.c */
extern const struct pvhload_pool two_threads;

/* guest.c */
int guest_load(struct bench *b);
int guest_fill(struct bench *b, const struct pvhload_memory_ops *ops);
int guest_map(struct bench *b); /* fills it with pages of the file where it can */
void guest_read_kernel(const struct bench *b);
int guest_open(struct bench *b);
int guest_share(struct bench *b);
void guest_free_plan(struct bench *b); /* all that a case with an image that is kept has to free */
void guest_finish(struct bench *b);

#endif
